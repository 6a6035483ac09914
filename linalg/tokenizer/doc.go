// Package tokenizer turns text into token ids and back, as a Hugging Face tokenizer.json says.
//
// What goes in: the bytes of a tokenizer.json ([Parse]), or a list of words for a corpus with a
// closed vocabulary ([Words]). What comes out: a [Tokenizer], immutable and safe to share,
// that agrees id by id, offset by offset with the tokenizers library 0.23.
//
// Text takes the same road in every tokenizer:
//
//	well-formed   each ill-formed part of the UTF-8 becomes U+FFFD      utf8.go
//	cut           tokens that the file adds are cut out of the text     added.go
//	normalise     prepend and replace, offsets kept                     normal.go
//	split         into words, where the file splits at all              split.go
//	model         each word to pieces: bpe.go, wordlevel.go
//	template      <s> in front, perhaps something behind                template.go
//
// and decode.go goes back. Two kinds of model are known: BPE with byte fallback (the Llama
// family) and WordLevel. A file that asks for anything else is refused by name: a tokenizer
// that is nearly right trains a model that is quietly wrong.
//
// The package refuses to know files (the caller reads them), models and their
// configurations, and chat templates. Read tokenizer.go next.
package tokenizer
