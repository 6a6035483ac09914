// Package base makes base models: from a Hugging Face folder, or by pre-training one from
// a recipe of the scenario on generated or given texts.
//
// What goes in is a scenario.Base, a way to files and a cache; what comes out is a [Base]:
// frozen weights, the tokenizer that goes with them (or, of a model of pictures, how it looks
// at them), and the hash that names both. An encoder answers by its head or by a codebook. A base
// made from a recipe is a pure function of recipe, texts and numeric contract, so it is
// kept in the cache under the hash of those three; an entry that is damaged costs the time
// to make it again and nothing else.
//
// The package refuses to know trials, participants and seeds of trials: all trials of a
// run share their bases. Read hf.go (a folder) or recipe.go (a recipe: pretrain.go makes
// what cache.go does not have), then codebook.go and head.go for bases that answer.
package base
