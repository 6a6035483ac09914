// Package tokenizer turns text into token ids and back, as a Hugging Face tokenizer.json says.
//
// What goes in: the bytes of a tokenizer.json ([Parse]) or of GPT-2's older pair of files
// ([FromMerges]), a list of words for a corpus with a closed vocabulary ([Words]), or texts
// to learn byte-level BPE from ([Train]). What comes out: a [Tokenizer], immutable and safe
// to share, that agrees id by id, offset by offset with the tokenizers library 0.23, but for
// the corners below.
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
// # Corners in which the library answers otherwise
//
// Tried on all code points (of the large blocks of ideographs, syllables and private use a
// part) and on random text; the reasons are in docs/decisions/0014.
//
//   - A vocabulary lacks a byte or a character, and names no unknown token (SmolLM2's lacks 21
//     bytes). Both leave it out, and the ids are the same. Offsets here are places in the
//     text; the library counts on as if nothing had been left out.
//   - Tables of Unicode. Ours are Go's, of Unicode 15. The library's are older in NFKC and NFKD
//     (134 code points), in what is a mark or a control (StripAccents 357, BertNormalizer 441) and in
//     punctuation (Punctuation and BertPreTokenizer 129); they are newer in what is a letter or a
//     number (regular expressions 5004, Whitespace 5055, Digits 93) and in lower case (55). All
//     have come, or were classed anew, since Unicode 8. NFC is the same everywhere,
//     NFD but for U+11938.
//   - A special token that is looked for in normalised text, and whose own name normalising
//     changes: Decode leaves it out with the other special ones, the library keeps it.
//
// A vocabulary for byte fallback that lacks bytes, and an unknown token that is not in its
// vocabulary, are refused by name as the file is read.
//
// The package refuses to know files (the caller reads them), models and their
// configurations, and chat templates. Read tokenizer.go next, then encode.go.
package tokenizer
