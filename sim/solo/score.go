package solo

import (
	"fmt"

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
	e, err := m.reader(r)
	if err != nil {
		return nil, nil, err
	}
	for i, x := range examples {
		s, cut, err := e.Sequence(x, r.Inputs)
		if err != nil {
			return nil, nil, fmt.Errorf("example %d: %w", i+1, err)
		}
		seqs, truncated = append(seqs, s), append(truncated, cut)
	}
	return seqs, truncated, nil
}

// Score gives the loss of each example, and of all. watch is told how many are done; its
// error ends the work.
func (m *Model) Score(examples []data.Example, r Reading, watch func(done int) error) (each []Scored, total nn.Loss, err error) {
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
		each = append(each, Scored{l, seqs[i].Places(m.Net.Config()), truncated[i]})
	}
	return each, total, err
}

// score runs sequences through a runner, as many at once as have few enough tokens. The
// bits do not depend on how many that are.
func score(run *nn.Runner, seqs []data.Sequence, watch func(done int) error) (each []nn.Loss, total nn.Loss, err error) {
	c := run.Model().Config()
	for lo, hi := 0, 0; lo < len(seqs); lo = hi {
		for tokens := 0; hi < len(seqs) && (hi == lo || tokens+seqs[hi].Places(c) <= together); hi++ {
			tokens += seqs[hi].Places(c)
		}
		if err := run.Forward(data.Join(c, seqs[lo:hi])); err != nil {
			return nil, total, err
		}
		sum, own := run.Loss()
		each = append(each, own...)
		total.Sum += sum.Sum
		total.Count += sum.Count
		total.Correct += sum.Correct
		if err := watch(hi); err != nil {
			return nil, total, err
		}
	}
	return each, total, nil
}
