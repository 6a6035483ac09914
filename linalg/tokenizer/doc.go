// Package tokenizer turns text into token ids and back, as a Hugging Face tokenizer.json says.
//
// What goes in: the bytes of a tokenizer.json ([Parse]) or of GPT-2's older pair of files
// ([FromMerges]), a list of words for a corpus with a closed vocabulary ([Words]), or texts
// to learn byte-level BPE from ([Train]). What comes out: a [Tokenizer], immutable and safe
// to share, that agrees id by id, offset by offset with the tokenizers library 0.23.
//
// Text takes the same road in every tokenizer:
//
//	well-formed   each ill-formed part of the UTF-8 becomes U+FFFD      utf8.go
//	cut           tokens that the file adds are cut out of the text     added.go
//	normalise     rewrite, and remember where each byte came from       normal*.go, stretch.go
//	split         into words, where the file splits at all              split*.go
//	model         each word to pieces: bpe.go, wordpiece.go, unigram.go, wordlevel.go
//	template      special tokens around one text or two                 post.go
//
// and decode.go goes back. A batch may be cut and filled to lengths on request (batch.go);
// Encode never is, whatever the file wishes. Each parse_*.go reads one part of the file. What
// a file asks for and is not carried out is refused by name: a tokenizer that is nearly right
// trains a model that is quietly wrong. So the regular expressions of Split are those that
// models were published with, each known by its text (parse_pattern.go): GPT-2's, GPT-4's,
// Llama 3's and Qwen2's. Split by a string (Gemma's) has no such bounds.
//
// Speed comes from not doing things: text that no normaliser touches is never copied, and
// most words of a byte-level model are found whole, in a table that is made when the file is
// read (bpe.known). There is no cache that grows.
//
// The package refuses to know files (the caller reads them), models and their
// configurations, and chat templates. Read tokenizer.go next, then encode.go.
package tokenizer
