// Package nn is the transformer: Llama-family language models in float32, forward and
// backward, with low-rank branches beside the weights.
//
// What goes in is a [Config] (Hugging Face's config.json), named tensors, and batches of
// token sequences; what comes out are logits, hidden states, losses in nats, gradients
// and generated tokens. A [Model] is frozen and shared by any number of goroutines; a
// [Runner] is the workspace of one of them: it holds the activations, the attached
// [Branch]es and the gradients, and after its first step it allocates nothing.
//
// A step of training is five lines:
//
//	err := r.Forward(batch)                // keeps what the way back needs
//	loss, each := r.Backward(nil)          // adds to the gradients; mean over counted labels
//	norm := nn.ClipNorm(params, 1)
//	adam.Step(params, schedule.Rate(step)*lr)
//	nn.ZeroGrads(params)
//
// Sequences are ragged: they lie one behind the other, nobody computes padding, and a
// sequence gives the same bits alone as in any batch. Callers that hold padded input
// use [Unpad].
//
// The package refuses to know adapters as files, methods, tokenizers and data. It starts
// no goroutine: parallelism is over participants, a Runner each. Frozen weights cost no
// gradient work, and below the lowest trained block nothing flows back at all.
//
// Read config.go and model.go (what a model is), then runner.go, forward.go and
// backward.go (the way through it), block.go, attention.go and linear.go (its parts),
// head.go (logits and loss); adamw.go, sgd.go, schedule.go and clip.go move parameters,
// generate.go writes text.
package nn
