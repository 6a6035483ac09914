package tokenizer

import "fmt"

// Input is what [Tokenizer.EncodeBatch] reads: one text, or two.
type Input struct {
	Text string
	Pair string // the second text, if Two
	Two  bool
}

// Options say how a batch is encoded. Nothing is cut and nothing filled unless they say so;
// [Tokenizer.Truncation] and [Tokenizer.Padding] return what the file wishes.
type Options struct {
	Special  bool        // add the template's tokens
	Truncate *Truncation // nil: leave texts as long as they are
	Pad      *Padding    // nil: leave sequences as short as they are
}

// Encoding is one sequence of a batch. Mask has 1 for a token of the input or the template
// and 0 for one that only fills.
type Encoding struct {
	Tokens []Token
	Mask   []int32
}

// EncodeBatch encodes inputs in their order. An error names the input (from 0) that cannot be
// cut as asked, or says what is wrong with the options.
func (t *Tokenizer) EncodeBatch(inputs []Input, o Options) ([]Encoding, error) {
	if o.Pad != nil {
		if err := o.Pad.check(t.Vocab()); err != nil {
			return nil, err
		}
	}
	out := make([]Encoding, len(inputs))
	for i, in := range inputs {
		texts, frame := [][]Token{t.places(in.Text)}, t.post.single
		if in.Two {
			texts, frame = append(texts, t.places(in.Pair)), t.post.pair
		}
		if o.Truncate != nil {
			added := 0
			if o.Special {
				added = frame.specials()
			}
			if err := o.Truncate.cut(texts, added); err != nil {
				return nil, fmt.Errorf("input %d: %w", i, err)
			}
		}
		out[i].Tokens = t.post.around(frame, o.Special, texts...)
		out[i].Mask = make([]int32, len(out[i].Tokens))
		for k := range out[i].Mask {
			out[i].Mask[k] = 1
		}
	}
	if o.Pad != nil {
		o.Pad.fill(out)
	}
	return out, nil
}
