package solo

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
)

// Reading says how examples become sequences.
type Reading struct {
	Tokens int  // the longest sequence; 0: as long as the model's context
	Inputs bool // the prompt's tokens count too, not the answer's alone
}

// Scored is what a model made of one example.
type Scored struct {
	nn.Loss
	Tokens    int  // in the sequence
	Truncated bool // it was too long, and lost some
}

// together is how many tokens go through the model at once.
const together = 1024

// Read encodes examples.
func (m *Model) Read(examples []data.Example, r Reading) (seqs []data.Sequence, truncated []bool, err error) {
	e, err := data.NewEncoder(m.Tokenizer, r.Tokens, m.Net.Config().MaxPositions)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range examples {
		s, cut := e.Sequence(x, r.Inputs)
		seqs, truncated = append(seqs, s), append(truncated, cut)
	}
	return seqs, truncated, nil
}

// Score gives the loss of each example, and of all. watch is told how many are done; its
// error ends the work.
func (m *Model) Score(examples []data.Example, r Reading, watch func(done int) error) (each []Scored, total nn.Loss, err error) {
	if err := m.reads(); err != nil {
		return nil, total, err
	}
	seqs, truncated, err := m.Read(examples, r)
	if err != nil {
		return nil, total, err
	}
	run, err := m.Runner()
	if err != nil {
		return nil, total, err
	}
	losses, total, err := score(run, seqs, watch)
	for i, l := range losses {
		each = append(each, Scored{l, len(seqs[i].IDs), truncated[i]})
	}
	return each, total, err
}

// score runs sequences through a runner, as many at once as have few enough tokens. The
// bits do not depend on how many that are.
func score(run *nn.Runner, seqs []data.Sequence, watch func(done int) error) (each []nn.Loss, total nn.Loss, err error) {
	for lo := 0; lo < len(seqs); {
		var b nn.Batch
		for tokens := 0; lo < len(seqs) && (len(b.IDs) == 0 || tokens+len(seqs[lo].IDs) <= together); lo++ {
			b.IDs, b.Labels = append(b.IDs, seqs[lo].IDs), append(b.Labels, seqs[lo].Labels)
			tokens += len(seqs[lo].IDs)
		}
		if err := run.Forward(b); err != nil {
			return nil, total, err
		}
		sum, own := run.Loss()
		each = append(each, own...)
		total.Sum += sum.Sum
		total.Count += sum.Count
		total.Correct += sum.Correct
		if err := watch(lo); err != nil {
			return nil, total, err
		}
	}
	return each, total, nil
}
