// Package nn is the transformer: language models of several families in float32, forward
// and backward, with low-rank branches beside the weights.
//
// What goes in is a [Config] (Hugging Face's config.json), named tensors, and batches of
// token sequences; what comes out are logits, hidden states, losses in nats, gradients
// and generated tokens. A [Model] is frozen and shared by any number of goroutines; a
// [Runner] is the workspace of one of them: it holds the activations, the attached
// [Branch]es and the gradients, and after its first step it allocates nothing.
//
// A step of training is four lines:
//
//	loss, each, err := r.Learn(batch, nil) // adds to the gradients; mean over counted labels
//	norm := nn.ClipNorm(params, 1)
//	adam.Step(params, schedule.Rate(step)*lr)
//	nn.ZeroGrads(params)
//
// Forward and Backward are the two halves of Learn, for objectives of one's own and for
// what a pass can be asked: logits, hidden states, features.
//
// Sequences are ragged: they lie one behind the other, nobody computes padding, and a
// sequence gives the same bits alone as in any batch. Callers that hold padded input
// use [Unpad].
//
// The package refuses to know adapters as files, methods, tokenizers and data. It starts
// no goroutine: parallelism is over participants, a Runner each. Frozen weights cost no
// gradient work, and below the lowest trained block nothing flows back at all.
//
// A family is data: a file family_NAME.go says how its config.json reads, what its tensors
// are called and what is particular about it, and family.go lists it. One whose blocks are
// made of the usual things needs names alone (names.go); one with other blocks builds its
// own parts (parts.go) and runs them with the same pieces: through and throughBack for
// linear maps, norm and normBack, activate, and the kernel's attention or, where scores
// get something added, its plain products.
//
// Read config.go and family.go (what a model is), parts.go, model.go and load.go (what it
// is made of), then runner.go, forward.go and backward.go (the way through it), block.go,
// block_back.go, attention.go, linear.go and linear_back.go (its parts), branch.go,
// dora.go and gate.go (what runs beside), route.go (experts that share the rows), head.go (logits and loss), params.go and base.go (training
// of the weights themselves), placed.go (weights that processes share). Encoders add answer.go (a head that says one thing of a whole
// sequence) and crown.go (a new one), DeBERTa disentangled.go and disentangled_attention.go, pictures image.go, and
// encoder-decoders seq2seq.go, seq2seq_write.go and relative.go. adamw.go, sgd.go, schedule.go and clip.go
// move parameters, tap.go looks at what enters a map, generate.go, cache.go and decode.go write text.
package nn
