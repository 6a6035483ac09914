package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
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
	// Bias, if not nil, is B's own: Scale·Bias is added to y, Out numbers (PEFT's
	// lora_bias). GradBias is like GradA.
	Bias, GradBias []float32
	// Magnitude, if not nil, makes the branch a DoRA (Liu et al. 2024): the rows of
	// W + Scale·B·A get these lengths, Out numbers. The length that they had is a constant
	// in the gradient. GradMagnitude is like GradA.
	Magnitude, GradMagnitude []float32
	// Key, if not nil, gates the branch: what it says of a token is scaled by σ(Key·x), In
	// numbers. GradKey is like GradA.
	Key, GradKey []float32
}

// TrainA and TrainB give a branch room for the gradient of a factor.
func (b *Branch) TrainA() { b.GradA = make([]float32, len(b.A)) }

// TrainB is TrainA for B.
func (b *Branch) TrainB() { b.GradB = make([]float32, len(b.B)) }

// TrainBias is TrainA for the bias of B.
func (b *Branch) TrainBias() { b.GradBias = make([]float32, len(b.Bias)) }

// TrainMagnitude is TrainA for the magnitudes of a DoRA.
func (b *Branch) TrainMagnitude() { b.GradMagnitude = make([]float32, len(b.Magnitude)) }

// Params are the branch's trained factors, A first, at the plain learning rate.
func (b *Branch) Params() []Param {
	var ps []Param
	if b.GradA != nil {
		ps = append(ps, Param{b.Module + ".A", b.A, b.GradA, 1})
	}
	if b.GradB != nil {
		ps = append(ps, Param{b.Module + ".B", b.B, b.GradB, 1})
	}
	if b.GradBias != nil {
		ps = append(ps, Param{b.Module + ".b", b.Bias, b.GradBias, 1})
	}
	if b.GradMagnitude != nil {
		ps = append(ps, Param{b.Module + ".M", b.Magnitude, b.GradMagnitude, 1})
	}
	if b.GradKey != nil {
		ps = append(ps, Param{b.Module + ".key", b.Key, b.GradKey, 1})
	}
	return ps
}

func (b *Branch) trained() bool {
	return b.GradA != nil || b.GradB != nil || b.GradBias != nil || b.GradMagnitude != nil || b.GradKey != nil
}

// check compares a branch with its module.
func (b *Branch) check(m Module) error {
	var err error
	switch {
	case b.Rank < 1:
		err = fmt.Errorf("rank is %d; expected at least 1", b.Rank)
	case len(b.A) != b.Rank*m.In:
		err = fmt.Errorf("A has %d numbers; rank %d × in %d = %d", len(b.A), b.Rank, m.In, b.Rank*m.In)
	case len(b.B) != m.Out*b.Rank:
		err = fmt.Errorf("B has %d numbers; out %d × rank %d = %d", len(b.B), m.Out, b.Rank, m.Out*b.Rank)
	case b.GradA != nil && len(b.GradA) != len(b.A), b.GradB != nil && len(b.GradB) != len(b.B):
		err = fmt.Errorf("gradients have %d and %d numbers; A has %d, B %d", len(b.GradA), len(b.GradB), len(b.A), len(b.B))
	case !(b.Dropout >= 0 && b.Dropout < 1):
		err = fmt.Errorf("dropout is %g; expected 0 ≤ dropout < 1", b.Dropout)
	case b.Bias != nil && len(b.Bias) != m.Out:
		err = fmt.Errorf("the bias has %d numbers; the module has %d rows", len(b.Bias), m.Out)
	case b.GradBias != nil && len(b.GradBias) != len(b.Bias):
		err = fmt.Errorf("the gradient of the bias has %d numbers; there are %d", len(b.GradBias), len(b.Bias))
	case m.linear == nil && (b.Magnitude != nil || b.Bias != nil || b.Dropout > 0):
		err = fmt.Errorf("magnitudes, a bias or dropout on an embedding are not supported yet; supported: A and B")
	case b.Magnitude != nil && b.Bias != nil:
		err = fmt.Errorf("magnitudes beside a bias are not supported yet; supported: one of them")
	case b.Magnitude != nil && len(b.Magnitude) != m.Out:
		err = fmt.Errorf("there are %d magnitudes; the module has %d rows", len(b.Magnitude), m.Out)
	case b.GradMagnitude != nil && len(b.GradMagnitude) != len(b.Magnitude):
		err = fmt.Errorf("the gradient of the magnitudes has %d numbers; there are %d", len(b.GradMagnitude), len(b.Magnitude))
	case b.Magnitude != nil && b.Dropout > 0:
		err = fmt.Errorf("dropout %g on a branch with magnitudes (DoRA) is not supported yet; supported: 0", b.Dropout)
	default:
		err = b.checkKey(m)
	}
	if err != nil {
		err = fmt.Errorf("branch on module %q: %w", b.Module, err)
	}
	return err
}

// lane is what runs beside one linear: its branches, and what a pass keeps of them. The
// slices are windows of the Runner's memory, cut anew when the batch's size changes.
type lane struct {
	branches []attached
	routers  []*routed
	rank     int           // of all branches together
	a        []float32     // Scale·A of all branches, one below the other: rank×In
	in, down kernel.Panels // the same laid out, for x·Aᵀ and, once somebody wants it, for dz·A
	laid     bool          // down is
	cuts     []cut         // of the outputs
	z        []float32     // rows×rank, Scale·A·x
	tmp      []float32     // one product on its way to a gradient
	trained  bool          // there is a branch whose gradient is wanted
	dropping bool          // there is one with dropout, as of the last pass
	factor   []float32     // by output, where some branch has magnitudes: 1, or DoRA's factor
	plain    []float32     // rows×Out before the factors
	dy       []float32     // rows×Out: the gradient on its way through the factors
}

// cut is a stretch of outputs at whole panels, and the branch (or −1) that ends in it.
type cut struct{ lo, hi, branch int }

// attached is a branch in place.
type attached struct {
	*Branch
	module  Module
	up      kernel.Panels // B laid out, for z·Bᵀ
	within  bool          // its outputs are a cut
	at      int           // its first column in z
	keep    []float32     // dropout's factors, 0 or 1/(1−p), rows×in
	dropped []float32     // x∘keep
	dora    *dora         // nil: plain
}

// Attach adds branches to the model. Those of one module add up in the order of their
// attaching. On an error nothing is attached.
func (r *Runner) Attach(bs ...*Branch) error {
	add := make([]attached, len(bs))
	for i, b := range bs {
		m, err := r.model.locate(b.Module)
		if err == nil {
			err = b.check(m)
		}
		if err != nil {
			return err
		}
		add[i] = attached{Branch: b, module: m}
		if b.Magnitude != nil {
			add[i].dora = newDora(r.model, b, m)
		}
	}
	for _, a := range add {
		if a.module.linear == nil {
			r.looks = append(r.looks, look{Branch: a.Branch})
			continue
		}
		l := &r.lanes[a.module.linear.id]
		l.branches = append(l.branches, a)
		slices.SortStableFunc(l.branches, func(x, y attached) int { return x.module.at - y.module.at })
	}
	r.arrange()
	return nil
}

// Detach removes all branches and routers.
func (r *Runner) Detach() {
	r.routers = nil
	clear(r.looks)
	r.looks = r.looks[:0]
	for i := range r.lanes {
		r.lanes[i].routers = nil
		clear(r.lanes[i].branches)
		r.lanes[i].branches = r.lanes[i].branches[:0]
	}
	r.arrange()
}

// arrange counts what is attached and finds how deep gradients must flow.
func (r *Runner) arrange() {
	p := r.model.parts
	r.lowest = depth(len(p.blocks), stages)
	for i := range r.lanes {
		l := &r.lanes[i]
		l.rank, l.trained, l.factor, l.plain = 0, false, nil, nil
		for j := range l.branches {
			b := &l.branches[j]
			b.at = l.rank
			l.rank += b.columns()
			l.trained = l.trained || b.trained()
			if b.dora != nil && l.factor == nil {
				l.factor = slices.Repeat([]float32{1}, p.linears[i].out)
			}
		}
		l.slice(p.linears[i].out)
		if m := p.linears[i]; l.trained || r.base.trains(m.id) {
			r.lowest = min(r.lowest, depth(m.block, m.stage))
		}
	}
	for i := range r.looks {
		if r.looks[i].trained() {
			r.lowest = -1
		}
	}
	r.arrangeRouters()
	if r.base != nil {
		r.lowest = min(r.lowest, r.base.lowest(&r.model.config, p))
	}
	r.ready = false
}

// panel is the number of outputs that products take together.
const panel = 32

// slice cuts the outputs where branches begin and end, as far as that is between panels.
// Where there are magnitudes nothing is cut.
func (l *lane) slice(out int) {
	l.cuts = l.cuts[:0]
	at := 0
	for i := range l.branches {
		b := &l.branches[i]
		lo, hi := b.module.at, b.module.at+b.module.Out
		b.within = l.factor == nil && lo >= at && lo%panel == 0 && (hi%panel == 0 || hi == out)
		if !b.within {
			continue
		}
		if lo > at {
			l.cuts = append(l.cuts, cut{at, lo, -1})
		}
		l.cuts = append(l.cuts, cut{lo, hi, i})
		at = hi
	}
	if at < out {
		l.cuts = append(l.cuts, cut{at, out, -1})
	}
}

// depth numbers the maps of a model from the bottom up.
func depth(block, stage int) int { return block*stages + stage }
