package solo

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
)

// Answered is what a head says of one text, pair of texts or picture.
type Answered struct {
	Places    int // tokens that it read, or places of the picture
	Truncated bool
	Outputs   []Output // in the order of the head
}

// Output is one of a head's.
type Output struct {
	Name  string // of the class; its number where nobody named it
	Logit float32
	// Prob is the probability of the class: of all together 1, or of each by itself where
	// several may be there. 0 in regression, where the logit is the answer.
	Prob float64
}

// Answer asks the model's head. Answers of the examples are not looked at.
func (m *Model) Answer(examples []data.Example, r Reading) (all []Answered, err error) {
	c := m.Net.Config()
	if c.Answer.Outputs == 0 {
		return nil, fmt.Errorf("a model of type %q has no head that answers for whole texts or pictures here", c.Family)
	}
	reader, err := m.reader(r)
	if err != nil {
		return nil, err
	}
	run, err := m.Runner()
	if err != nil {
		return nil, err
	}
	for i, x := range examples {
		s, cut, err := reader.Prompt(x)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i+1, err)
		}
		b := data.Join(c, []data.Sequence{s})
		b.Classes, b.Targets = nil, nil
		if err := run.Forward(b); err != nil {
			return nil, err
		}
		all = append(all, Answered{s.Places(c), cut, outputs(c, run.Logits(nil))})
	}
	return all, nil
}

// outputs describes the logits of a head.
func outputs(c nn.Config, logits []float32) []Output {
	out, sum := make([]Output, len(logits)), 0.0
	highest := logits[kernel.ArgMax(logits)]
	for j, x := range logits {
		out[j] = Output{Name: fmt.Sprint(j), Logit: x}
		if c.Classes != nil {
			out[j].Name = c.Classes[j]
		}
		switch {
		case c.Answer.Regression:
		case c.Answer.Several:
			out[j].Prob = float64(kernel.Sigmoid(x))
		default:
			out[j].Prob = float64(kernel.Exp(x - highest))
			sum += out[j].Prob
		}
	}
	if sum > 0 {
		for j := range out {
			out[j].Prob /= sum
		}
	}
	return out
}
