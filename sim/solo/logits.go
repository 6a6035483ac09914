package solo

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/nn"
)

// Logits are those of every place of one sequence.
type Logits struct {
	IDs   []int32
	Vocab int
	All   []float32 // len(IDs)×Vocab: row t says what may follow IDs[:t+1]
}

// Likely is a token that may come next.
type Likely struct {
	ID    int32
	Logit float32
	Prob  float64
}

// Logits runs a sequence through the model.
func (m *Model) Logits(ids []int32) (l Logits, err error) {
	if err := m.continues(); err != nil {
		return l, err
	}
	run, err := m.Runner()
	if err != nil {
		return l, err
	}
	if err := run.Forward(nn.Batch{IDs: [][]int32{ids}}); err != nil {
		return l, err
	}
	all := run.Logits(nil)
	return Logits{ids, len(all) / len(ids), all}, nil
}

// Row is the logits behind place t.
func (l Logits) Row(t int) []float32 { return l.All[t*l.Vocab : (t+1)*l.Vocab] }

// Top are the k likeliest tokens behind place t, likeliest first, of equals the lowest id.
func (l Logits) Top(t, k int) []Likely {
	row := l.Row(t)
	order := make([]Likely, len(row))
	highest, sum := row[kernel.ArgMax(row)], 0.0
	for i, x := range row {
		p := float64(kernel.Exp(x - highest))
		order[i] = Likely{int32(i), x, p}
		sum += p
	}
	slices.SortStableFunc(order, func(a, b Likely) int { return cmp.Compare(b.Logit, a.Logit) })
	order = order[:min(k, len(order))]
	for i := range order {
		order[i].Prob /= sum
	}
	return order
}
