package tokenizer

import "fmt"

// Padding is a wish to fill the sequences of a batch up to one length.
type Padding struct {
	Tokens   int // 0: as long as the longest of the batch
	Multiple int // round the length up to a multiple of this; 0: do not
	Left     bool
	ID, Type int32 // of the token that fills
}

// Padding returns what the file wishes; ok is false where it wishes nothing.
func (t *Tokenizer) Padding() (wish Padding, ok bool) {
	if t.pad == nil {
		return Padding{}, false
	}
	return *t.pad, true
}

// longestPadding bounds what a file can make a short text cost.
const longestPadding = 1 << 20

func (p Padding) check(vocab int) error {
	if p.Tokens < 0 || p.Multiple < 0 || p.Tokens > longestPadding || p.Multiple > longestPadding {
		return fmt.Errorf("padding to %d tokens, a multiple of %d: expected numbers from 0 to %d", p.Tokens, p.Multiple, longestPadding)
	}
	if p.ID < 0 || int(p.ID) >= vocab {
		return fmt.Errorf("padding with id %d: it is outside the vocabulary of %d", p.ID, vocab)
	}
	return nil
}

// fill lengthens the sequences that are too short; none is cut.
func (p Padding) fill(batch []Encoding) {
	length := p.Tokens
	if length == 0 {
		for _, e := range batch {
			length = max(length, len(e.Tokens))
		}
	}
	if p.Multiple > 0 {
		length = (length + p.Multiple - 1) / p.Multiple * p.Multiple
	}
	for i := range batch {
		e := &batch[i]
		n := max(length-len(e.Tokens), 0)
		tokens, mask := make([]Token, n), make([]int32, n)
		for k := range tokens {
			tokens[k] = Token{ID: p.ID, Type: p.Type}
		}
		if p.Left {
			e.Tokens, e.Mask = append(tokens, e.Tokens...), append(mask, e.Mask...)
		} else {
			e.Tokens, e.Mask = append(e.Tokens, tokens...), append(e.Mask, mask...)
		}
	}
}
