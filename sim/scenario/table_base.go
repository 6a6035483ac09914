package scenario

import "strconv"

// defaultContext is the longest sequence of a recipe's model that does not say its own.
const defaultContext = 128

var baseTable = &record{
	name: "a base",
	doc:  "A base model, of exactly one kind.",
	one:  []string{"hf", "recipe", "builtin"},
	fields: []field{
		{key: "hf", kind: text{what: "a folder"}, to: at(func(b *Base) any { return &b.HF }),
			doc: "A folder as Hugging Face writes it: config.json, model.safetensors, tokenizer.json; of a language model, a T5, an encoder, or a ViT (preprocessor_config.json)."},
		{key: "classes", kind: text{what: "the name of a data set"}, to: at(func(b *Base) any { return &b.Classes }), of: []string{"hf"}, says: "the only one",
			doc: "An entry of data whose answers an encoder without a head is to tell apart: it gets a frozen codebook, a row of length 1 for each class, all at right angles."},
		{key: "recipe", kind: maybe[Recipe]{recipeTable}, to: at(func(b *Base) any { return &b.Recipe }),
			doc: "A model that the scenario makes for itself, once, and caches by the hash of the recipe."},
		{key: "builtin", kind: choice{words: builtinNames}, to: at(func(b *Base) any { return &b.Builtin }),
			doc: "A recipe known by name: FAMILY-WIDTH, with the recipe's own defaults. " + builtinDoc() + " A scenario as resolved has the recipe written out."},
		{key: "reads", kind: text{what: "the name of a data set"}, to: at(func(b *Base) any { return &b.Reads }), of: []string{"builtin"}, says: "the only one",
			doc: "An entry of data: what a builtin base has read before the scenario begins, and whose texts make its vocabulary."},
		{key: "adapter", kind: text{what: "a folder"}, to: at(func(b *Base) any { return &b.Adapter }),
			doc: "A PEFT folder over this base: adapter_config.json, adapter_model.safetensors. Methods build on the base with it merged; what a run exports has it in it."},
		{key: "weights", kind: choice{words: []string{"bf16", "f16"}}, to: at(func(b *Base) any { return &b.Weights }), of: []string{"hf"}, says: "as the file has them",
			doc: "To what the weights are rounded as they are read: half of float32's memory, and another base with another hash."},
		{key: "precision", kind: choice{words: []string{"bf16", "f16"}}, to: at(func(b *Base) any { return &b.Precision }), says: "float32",
			doc: "To what both sides of products by frozen weights are rounded: the weights once, activations and gradients as they enter. Sums and all else (adapters, norms, attention, losses, optimisers) stay float32. About half the memory, and another base with another hash. bf16: about half the time too on a processor with AVX512_BF16. f16: eight times as fine, at no gain in speed; what is beyond 65504 ends the trial."},
	},
}

var recipeTable = &record{
	name: "a recipe",
	doc:  "The shape of a small transformer, and what it has read.",
	fields: []field{
		{key: "family", kind: choice{words: []string{"llama", "mistral", "qwen2", "qwen3", "gemma", "gpt2", "t5", "bert", "roberta", "distilbert", "deberta-v2", "vit"}},
			to: at(func(r *Recipe) any { return &r.Family }), must: true, doc: "The model_type whose blocks it has: norms, positions, biases, activation. t5 reads the prompts of pretrain.data and writes their answers. The encoders (bert, roberta, distilbert, deberta-v2) and vit tell the answers apart, by a frozen codebook."},
		{key: "image", kind: whole{1, 1 << 14}, to: at(func(r *Recipe) any { return &r.Image }), says: "a vit must have it", doc: "Side of the pictures that a vit reads, in pixels; others are resized."},
		{key: "patch", kind: whole{1, 1 << 14}, to: at(func(r *Recipe) any { return &r.Patch }), says: "a vit must have it", doc: "Side of the pieces that are its places; divides image."},
		{key: "channels", kind: whole{1, 3}, to: at(func(r *Recipe) any { return &r.Channels }), says: "1 for a vit", doc: "1: gray; 3: red, green, blue."},
		{key: "d", kind: whole{8, 4096}, to: at(func(r *Recipe) any { return &r.Width }), must: true, doc: "Width of the residual stream."},
		{key: "layers", kind: whole{1, 256}, to: at(func(r *Recipe) any { return &r.Blocks }), must: true, doc: "Blocks."},
		{key: "heads", kind: whole{1, 256}, to: at(func(r *Recipe) any { return &r.Heads }), must: true, doc: "Heads of attention; d/heads is even."},
		{key: "kv_heads", kind: whole{1, 256}, to: at(func(r *Recipe) any { return &r.KVHeads }), says: "heads", doc: "Heads of keys and values; divides heads."},
		{key: "hidden", kind: whole{1, 1 << 20}, to: at(func(r *Recipe) any { return &r.Hidden }), says: "8d/3, rounded up to a multiple of 8",
			doc: "Width inside the MLP."},
		{key: "vocab", kind: whole{258, 1 << 20}, to: at(func(r *Recipe) any { return &r.Vocab }), says: "the words of pretrain.data",
			doc: "Pieces of a byte-level BPE that is trained on the texts of pretrain.data: 256 bytes, two special tokens, merges."},
		{key: "context", kind: whole{2, 1 << 20}, to: at(func(r *Recipe) any { return &r.Context }), def: strconv.Itoa(defaultContext), doc: "Longest sequence in tokens."},
		{key: "window", kind: whole{1, 1 << 20}, to: at(func(r *Recipe) any { return &r.Window }), says: "all before it", doc: "Tokens that a place sees, itself the last of them (sliding window), of a mistral, qwen2 or qwen3."},
		{key: "tied", kind: flag{}, to: at(func(r *Recipe) any { return &r.Tied }), def: "true", doc: "The head is the embedding."},
		{key: "pretrain", kind: pretrainTable, to: at(func(r *Recipe) any { return &r.Pretrain }), must: true, doc: "What the model has read before the scenario begins."},
	},
}

var pretrainTable = &record{
	name: "a pretraining",
	fields: []field{
		{key: "data", kind: text{what: "the name of a data set"}, to: at(func(p *Pretrain) any { return &p.Data }), must: true,
			doc: "An entry of data; its texts also make the vocabulary."},
		{key: "tokens", kind: whole{0, 1e12}, to: at(func(p *Pretrain) any { return &p.Tokens }), must: true, doc: "Tokens to train on, or places of pictures; 0: the weights stay as they are drawn."},
		{key: "batch", kind: whole{1, 1 << 16}, to: at(func(p *Pretrain) any { return &p.Batch }), def: "32", doc: "Sequences a step."},
		{key: "lr", kind: real{above: true, max: 10}, to: at(func(p *Pretrain) any { return &p.Rate }), def: "3e-3",
			doc: "Learning rate of AdamW, cosine to zero after 5 % warm-up."},
		{key: "seed", kind: whole{min: 0}, to: at(func(p *Pretrain) any { return &p.Seed }), def: "1", doc: "Of the weights and the order; the same base for every trial."},
	},
}
