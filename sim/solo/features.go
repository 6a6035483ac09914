package solo

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
)

// Pooled is what stands for one text, pair of texts or picture.
type Pooled struct {
	Places    int     // tokens that were read, or places of the picture
	IDs       []int32 // of the tokens; nil of a picture
	Truncated bool
	Numbers   []float32 // Width; with pooling "none" Places×Width
}

// Features runs inputs through the model and gives the hidden states that stand for each. An
// encoder-decoder only reads; answers of the examples are not looked at. watch is told how many
// are done; its error ends the work.
func (m *Model) Features(inputs []data.Example, p nn.Pooling, watch func(done int) error) ([]Pooled, error) {
	seqs, cut, err := m.prompts(inputs)
	if err != nil {
		return nil, err
	}
	all, err := m.Pool(seqs, p, watch)
	for i := range all {
		all[i].Truncated = cut[i]
	}
	return all, err
}

// prompts are inputs as the model reads them. What is too long for an encoder loses its end;
// for a language model it is an error, since which end should go is not ours to say.
func (m *Model) prompts(inputs []data.Example) (seqs []data.Sequence, cut []bool, err error) {
	c := m.Net.Config()
	reader, err := m.reader(Reading{})
	if err != nil {
		return nil, nil, err
	}
	for i, x := range inputs {
		var s data.Sequence
		long := false
		if c.Bidirectional || c.Decoder != (nn.Decoder{}) || c.Image != (nn.Image{}) {
			s, long, err = reader.Prompt(x)
		} else if s.IDs = m.Prompt(x.Prompt); x.Pair != nil {
			err = fmt.Errorf("a pair of texts for a model of type %q, which reads one", c.Family)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("input %d: %w", i+1, err)
		}
		seqs, cut = append(seqs, s), append(cut, long)
	}
	return seqs, cut, nil
}

// Tokens is a sequence of token ids.
func Tokens(ids []int32) data.Sequence {
	return data.Sequence{IDs: ids, Types: make([]int32, len(ids)), Class: nn.Ignore}
}

// Pool is Features of sequences.
func (m *Model) Pool(seqs []data.Sequence, p nn.Pooling, watch func(done int) error) ([]Pooled, error) {
	c := m.Net.Config()
	if err := p.Of(c); err != nil {
		return nil, err
	}
	for i, s := range seqs {
		if c.Image != (nn.Image{}) {
			if s.Image == nil {
				return nil, fmt.Errorf("input %d: token ids for a model of type %q, which reads pictures", i+1, c.Family)
			}
			continue
		}
		if n := len(s.IDs); n == 0 || n > c.MaxPositions {
			return nil, fmt.Errorf("input %d has %d tokens; the model reads 1 … %d", i+1, n, c.MaxPositions)
		}
	}
	run, err := m.Runner()
	if err != nil {
		return nil, err
	}
	var all []Pooled
	for lo, hi := 0, 0; lo < len(seqs); lo = hi {
		for places := 0; hi < len(seqs) && (hi == lo || places+seqs[hi].Places(c) <= together); hi++ {
			places += seqs[hi].Places(c)
		}
		if err := run.Forward(reading(c, seqs[lo:hi])); err != nil {
			return nil, err
		}
		numbers := run.Pool(nil, p)
		for _, s := range seqs[lo:hi] {
			x := Pooled{Places: s.Places(c), IDs: s.IDs}
			n := c.Width
			if p.By == "none" {
				n *= x.Places
			}
			x.Numbers, numbers = numbers[:n:n], numbers[n:]
			all = append(all, x)
		}
		if err := watch(hi); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// reading is a batch of which no answer is wanted.
func reading(c nn.Config, seqs []data.Sequence) nn.Batch {
	b := data.Join(c, seqs)
	b.Labels, b.Classes, b.Targets = nil, nil, nil
	if c.Decoder != (nn.Decoder{}) { // which has to say something, beside what is measured
		for range seqs {
			b.Labels = append(b.Labels, []int32{nn.Ignore})
		}
	}
	return b
}
