package tokenizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// Tokenizer is one parsed tokenizer.json. What it answers never changes after [Parse], and any
// number of readers may share it.
type Tokenizer struct {
	source   []byte // the file as given, or as this package wrote it
	vocab    vocabulary
	added    addedTokens
	normal   normalisers
	split    splitter
	model    model
	post     post
	decoders []decoder
	truncate *Truncation
	pad      *Padding
	spare    *sync.Pool // of *work
}

// Token is one id with the stretch of text that it stands for.
type Token struct {
	ID int32
	// Type is the number of the text that the token belongs to, as the template counts: 0
	// for all tokens of one text, as a rule 1 for those of the second of a pair.
	Type int32
	// Start and End count code points of the text as given, End exclusive; of a pair, each
	// text counts by itself. A token of the template has (0, 0); the bytes of one character
	// share its offsets; a mark that the normaliser put in front shares those of the
	// character behind it.
	Start, End int
}

// Encode returns the ids of text. With special, the template's tokens (<s> in front, in the
// Llama family) are added. Names of special tokens inside the text become those tokens either
// way, as in the library; ill-formed UTF-8 is repaired first ([WellFormed]).
func (t *Tokenizer) Encode(text string, special bool) []int32 {
	var ids []int32
	t.encode(WellFormed(text), false, func(w *work) {
		ids = make([]int32, 0, len(w.pieces)+t.post.single.specials())
		if !special {
			ids = appendIDs(ids, w.pieces)
			return
		}
		for _, s := range t.post.single {
			if s.text == none {
				ids = append(ids, s.ids...)
			} else {
				ids = appendIDs(ids, w.pieces)
			}
		}
	})
	return ids
}

func appendIDs(ids []int32, pieces []piece) []int32 {
	for _, p := range pieces {
		ids = append(ids, p.id)
	}
	return ids
}

// EncodeOffsets is [Tokenizer.Encode] with the place of each token in the text.
func (t *Tokenizer) EncodeOffsets(text string, special bool) []Token {
	return t.post.around(t.post.single, special, t.places(text))
}

// EncodePair encodes two texts as one sequence, such as a question and a passage, as the
// file's template for pairs joins them. Without special only the tokens of the texts stand
// in it, with the types that the template gives.
func (t *Tokenizer) EncodePair(a, b string, special bool) []Token {
	return t.post.around(t.post.pair, special, t.places(a), t.places(b))
}

// places returns the tokens of one text, without a template's.
func (t *Tokenizer) places(text string) []Token {
	text = WellFormed(text)
	var list []Token
	t.encode(text, true, func(w *work) {
		list = tokens(text, w.pieces)
		t.post.trimAll(list, func(i int) string {
			if given, ok := w.added[i]; ok {
				return given
			}
			return t.vocab.piece[list[i].ID]
		})
	})
	return list
}

// Vocab returns the number of ids: they are 0 … Vocab()-1. Among those of added tokens there may
// be some without a piece, as in GPT-4's vocabulary; no text gives them.
func (t *Tokenizer) Vocab() int { return len(t.vocab.piece) }

// ID returns the id of a piece, exactly as the vocabulary spells it (in the Llama family a
// word's first piece begins with U+2581, in GPT-2's with U+0120).
func (t *Tokenizer) ID(piece string) (id int32, ok bool) {
	id, ok = t.vocab.id[piece]
	return id, ok
}

// Piece returns the vocabulary's spelling of an id; ok is false outside 0 … Vocab()-1
// and where no piece has the id.
func (t *Tokenizer) Piece(id int32) (piece string, ok bool) {
	if id < 0 || int(id) >= len(t.vocab.piece) {
		return "", false
	}
	piece = t.vocab.piece[id]
	return piece, piece != ""
}

// Names by which the families call the ends of a text, for files whose template is silent.
var (
	beginnings = []string{"<s>", "<|begin_of_text|>", "<bos>", "[BOS]"}
	ends       = []string{"</s>", "<|end_of_text|>", "<|endoftext|>", "<eos>", "[EOS]"}
)

// BOS returns the token that begins a text: the template's first in front of the text or,
// where it has none, the first of the conventional names that the vocabulary knows.
func (t *Tokenizer) BOS() (id int32, ok bool) {
	if front, _ := t.post.ends(); len(front) > 0 {
		return front[0], true
	}
	return t.vocab.first(beginnings)
}

// EOS returns the token that ends a text: the template's last behind the text or, where it
// has none (the Llama family leaves it to the trainer), the first conventional name known.
func (t *Tokenizer) EOS() (id int32, ok bool) {
	if _, back := t.post.ends(); len(back) > 0 {
		return back[len(back)-1], true
	}
	return t.vocab.first(ends)
}

// JSON returns the tokenizer.json that [Parse] would read to get this tokenizer: the bytes it
// did read, or what [Words], [Train] or [FromMerges] wrote. The caller owns the copy.
func (t *Tokenizer) JSON() []byte { return bytes.Clone(t.source) }

// Hash returns the SHA-256 of [Tokenizer.JSON] in hexadecimal.
func (t *Tokenizer) Hash() string {
	sum := sha256.Sum256(t.source)
	return hex.EncodeToString(sum[:])
}
