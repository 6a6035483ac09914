package nn

import (
	"fmt"
	"slices"
)

// Branch runs beside a module's weight: y = W·x + Scale·B·(A·x). Any number may be
// attached to one module; their outputs add up. A branch belongs to one Runner at a time
// while it has gradients.
type Branch struct {
	Module string
	A      []float32 // Rank×In
	B      []float32 // Out×Rank
	Rank   int
	Scale  float32
	// GradA and GradB receive (are added) the gradients of A and B; nil: frozen.
	GradA, GradB []float32
	// Dropout is the share of the branch's input that is zeroed, the rest growing by
	// 1/(1−Dropout), in batches that bring a stream to draw from.
	Dropout float64
}

// TrainA and TrainB give a branch room for the gradient of a factor.
func (b *Branch) TrainA() { b.GradA = make([]float32, len(b.A)) }

// TrainB is TrainA for B.
func (b *Branch) TrainB() { b.GradB = make([]float32, len(b.B)) }

// Params are the branch's trained factors, A first, at the plain learning rate.
func (b *Branch) Params() []Param {
	var ps []Param
	if b.GradA != nil {
		ps = append(ps, Param{b.Module + ".A", b.A, b.GradA, 1})
	}
	if b.GradB != nil {
		ps = append(ps, Param{b.Module + ".B", b.B, b.GradB, 1})
	}
	return ps
}

func (b *Branch) trained() bool { return b.GradA != nil || b.GradB != nil }

// check compares a branch with its module.
func (b *Branch) check(c Config) (layer int, k kind, err error) {
	layer, k, err = c.locate(b.Module)
	if err != nil {
		return 0, 0, err
	}
	out, in := c.sides(k)
	switch {
	case b.Rank < 1:
		err = fmt.Errorf("rank is %d; expected at least 1", b.Rank)
	case len(b.A) != b.Rank*in:
		err = fmt.Errorf("A has %d numbers; rank %d × in %d = %d", len(b.A), b.Rank, in, b.Rank*in)
	case len(b.B) != out*b.Rank:
		err = fmt.Errorf("B has %d numbers; out %d × rank %d = %d", len(b.B), out, b.Rank, out*b.Rank)
	case b.GradA != nil && len(b.GradA) != len(b.A), b.GradB != nil && len(b.GradB) != len(b.B):
		err = fmt.Errorf("gradients have %d and %d numbers; A has %d, B %d", len(b.GradA), len(b.GradB), len(b.A), len(b.B))
	case !(b.Dropout >= 0 && b.Dropout < 1):
		err = fmt.Errorf("dropout is %g; expected 0 ≤ dropout < 1", b.Dropout)
	}
	if err != nil {
		err = fmt.Errorf("branch on module %q: %w", b.Module, err)
	}
	return layer, k, err
}

// attached is a branch in place, with what a pass keeps of it. The slices are windows of
// the Runner's memory, cut anew when the batch's size changes.
type attached struct {
	*Branch
	module  int       // layer·kinds + kind
	in, out int       //
	z       []float32 // Scale·A·x, rows×rank
	keep    []float32 // dropout's factors, 0 or 1/(1−p), rows×in
	dropped []float32 // x∘keep
}

// Attach adds branches to the model. Those of one module add up in the order of their
// attaching. On an error nothing is attached.
func (r *Runner) Attach(bs ...*Branch) error {
	c := r.model.config
	before := len(r.branches)
	for _, b := range bs {
		l, k, err := b.check(c)
		if err != nil {
			r.branches = r.branches[:before]
			return err
		}
		out, in := c.sides(k)
		r.branches = append(r.branches, attached{Branch: b, module: l*int(kinds) + int(k), in: in, out: out})
	}
	slices.SortStableFunc(r.branches, func(a, b attached) int { return a.module - b.module })
	r.arrange()
	return nil
}

// Detach removes all branches.
func (r *Runner) Detach() {
	clear(r.branches)
	r.branches = r.branches[:0]
	r.arrange()
}

// on are the branches of a module.
func (r *Runner) on(l int, k kind) []attached {
	m := l*int(kinds) + int(k)
	return r.branches[r.first[m]:r.first[m+1]]
}

// arrange indexes the branches by module and finds how deep gradients must flow.
func (r *Runner) arrange() {
	c := r.model.config
	r.lowest = c.Layers
	b := 0
	for m := range r.first {
		for b < len(r.branches) && r.branches[b].module < m {
			b++
		}
		r.first[m] = b
	}
	for i := range r.branches {
		if r.branches[i].trained() {
			r.lowest = min(r.lowest, r.branches[i].module/int(kinds))
		}
	}
	for i, g := range r.grads {
		if g == nil {
			continue
		}
		switch block := (i - 1) / perBlock; {
		case i == 0:
			r.lowest = -1
		case block < c.Layers:
			r.lowest = min(r.lowest, block)
		}
	}
	r.ready = false
}
