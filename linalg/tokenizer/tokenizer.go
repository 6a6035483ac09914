package tokenizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
)

// Tokenizer is one parsed tokenizer.json. It never changes after [Parse], so any number of
// readers may share it.
type Tokenizer struct {
	source   []byte // the file as given, or as [Words] wrote it
	vocab    vocabulary
	added    cutter
	normal   []normaliser
	split    splitter
	model    model
	template template
	decoders []decoder
}

// A model turns one word into pieces. It appends to out and returns it.
type model interface {
	pieces(word []char, out []Token) []Token
}

// Token is one id with the stretch of text that it stands for.
type Token struct {
	ID int32
	// Start and End count code points of the text as given, End exclusive. A token of the
	// template has (0, 0); the bytes of one character share its offsets; a mark that the
	// normaliser put in front shares those of the character behind it.
	Start, End int
}

// Encode returns the ids of text. With special, the template's tokens (<s> in front, in the
// Llama family) are added. Names of special tokens inside the text become those tokens either
// way, as in the library; ill-formed UTF-8 is repaired first ([WellFormed]).
func (t *Tokenizer) Encode(text string, special bool) []int32 {
	tokens := t.EncodeOffsets(text, special)
	ids := make([]int32, len(tokens))
	for i, token := range tokens {
		ids[i] = token.ID
	}
	return ids
}

// EncodeOffsets is [Tokenizer.Encode] with the place of each token in the text.
func (t *Tokenizer) EncodeOffsets(text string, special bool) []Token {
	text = WellFormed(text)
	var tokens []Token
	if special {
		tokens = t.template.before(tokens)
	}
	at := 0 // code points seen
	for _, part := range t.added.cut(text) {
		chars := charsOf(part.text, at)
		end := at + len(chars)
		if part.added {
			tokens = append(tokens, Token{ID: part.id, Start: at, End: end})
		} else {
			for _, n := range t.normal {
				chars = n.normalise(chars)
			}
			for _, word := range t.split.words(chars) {
				tokens = t.model.pieces(word, tokens)
			}
		}
		at = end
	}
	if special {
		tokens = t.template.after(tokens)
	}
	return tokens
}

// Vocab returns the number of ids: they are 0 … Vocab()-1, without holes.
func (t *Tokenizer) Vocab() int { return len(t.vocab.piece) }

// ID returns the id of a piece, exactly as the vocabulary spells it (in the Llama family a
// word's first piece begins with U+2581).
func (t *Tokenizer) ID(piece string) (id int32, ok bool) {
	id, ok = t.vocab.id[piece]
	return id, ok
}

// Piece returns the vocabulary's spelling of an id; ok is false outside 0 … Vocab()-1.
func (t *Tokenizer) Piece(id int32) (piece string, ok bool) {
	if id < 0 || int(id) >= len(t.vocab.piece) {
		return "", false
	}
	return t.vocab.piece[id], true
}

// Names by which the families call the ends of a text, for files whose template is silent.
var (
	beginnings = []string{"<s>", "<|begin_of_text|>", "<bos>", "[BOS]"}
	ends       = []string{"</s>", "<|end_of_text|>", "<|endoftext|>", "<eos>", "[EOS]"}
)

// BOS returns the token that begins a text: the template's first in front of the text or,
// where it has none, the first of the conventional names that the vocabulary knows.
func (t *Tokenizer) BOS() (id int32, ok bool) {
	if front := t.template.front; len(front) > 0 {
		return front[0], true
	}
	return t.vocab.first(beginnings)
}

// EOS returns the token that ends a text: the template's last behind the text or, where it
// has none (the Llama family leaves it to the trainer), the first conventional name known.
func (t *Tokenizer) EOS() (id int32, ok bool) {
	if back := t.template.back; len(back) > 0 {
		return back[len(back)-1], true
	}
	return t.vocab.first(ends)
}

// JSON returns the tokenizer.json that [Parse] would read to get this tokenizer: the bytes it
// did read, or what [Words] wrote. The caller owns the copy.
func (t *Tokenizer) JSON() []byte { return bytes.Clone(t.source) }

// Hash returns the SHA-256 of [Tokenizer.JSON] in hexadecimal.
func (t *Tokenizer) Hash() string {
	sum := sha256.Sum256(t.source)
	return hex.EncodeToString(sum[:])
}
