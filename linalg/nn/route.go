package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Router shares the rows that enter a module among experts: y = W·x + Σ w_e·Scale_e·B_e·A_e·x,
// the weights w being found for each row, each sequence or the whole batch. Like a branch
// it belongs to one Runner at a time. What is frozen of it is read at its first pass.
//
// Read route_choose.go (scores, and whom they choose), route_mix.go (what the chosen say),
// route_back.go (the way back) and route_tally.go (what became of the rows).
type Router struct {
	Module string
	// Experts are branches of the module, plain or with gradients, of any ranks and scales;
	// nil is the null expert, which has a key and says nothing.
	Experts  []*Branch
	Keys     []float32 // Experts×In; nil where scores need none
	GradKeys []float32 // nil: frozen
	By       Affinity
	Grain    Grain
	Mix      Mix
	TopK     int // experts that share a decision; 0: all. A tie goes to the lowest index
	// Raw leaves the kept weights as a softmax over all experts gave them, with a sum below
	// 1; else they are those of a softmax over the kept.
	Raw     bool
	Epsilon float64 // beside the variance in a standardisation
	Below   float64 // no expert acts where the best score is lower; 0: one always does
}

// Affinity is how a score is made of a row u and a key v.
type Affinity int

// Kinds of scores.
const (
	Standardised Affinity = iota // std(v)·std(u)/√In, std being a LayerNorm without parameters
	Absolute                     // |v·u|
	Uniform                      // all the same: the mean of the experts
	Shared                       // none: Batch.Shares brings the weights, by sequence
)

// Grain is what one decision is for.
type Grain int

// Kinds of decisions. Those for more than a row go by the mean of the scores of the
// prompts' rows, and hold while the model writes.
const (
	ByRow Grain = iota
	BySequence
	ByBatch
)

// Mix is what the weights multiply.
type Mix int

// Ways to mix.
const (
	Outputs Mix = iota // Σ w·Scale·B·A·x
	Factors            // (Σ w·Scale·B)·(Σ w·A)·x: one pair of the experts' common rank
)

// TrainKeys gives the keys room for a gradient.
func (r *Router) TrainKeys() { r.GradKeys = make([]float32, len(r.Keys)) }

// Params are what is trained of a router: its keys, then the experts' factors.
func (r *Router) Params() []Param {
	var ps []Param
	if r.GradKeys != nil {
		ps = append(ps, Param{r.Module + ".keys", r.Keys, r.GradKeys, 1})
	}
	for e, b := range r.Experts {
		if b == nil {
			continue
		}
		for _, p := range b.Params() {
			p.Name = fmt.Sprintf("%s of expert %d", p.Name, e)
			ps = append(ps, p)
		}
	}
	return ps
}

// scored says whether keys decide.
func (r *Router) scored() bool { return r.By == Standardised || r.By == Absolute }

// kept is how many experts share a decision at most.
func (r *Router) kept() int {
	if r.TopK == 0 {
		return len(r.Experts)
	}
	return min(r.TopK, len(r.Experts))
}

// everyone says whether each row goes to every expert, whatever its scores.
func (r *Router) everyone() bool {
	return r.kept() == len(r.Experts) && r.Below == 0 && r.By != Shared
}

// check compares a router with its module.
func (r *Router) check(m Module) error {
	n := len(r.Experts)
	var err error
	switch {
	case n == 0:
		err = fmt.Errorf("no experts; expected at least one")
	case r.scored() && len(r.Keys) != n*m.In:
		err = fmt.Errorf("the keys have %d numbers; %d experts × in %d = %d", len(r.Keys), n, m.In, n*m.In)
	case !r.scored() && r.Keys != nil:
		err = fmt.Errorf("keys for weights that do not come from scores; expected none")
	case r.GradKeys != nil && len(r.GradKeys) != len(r.Keys):
		err = fmt.Errorf("the gradient of the keys has %d numbers; there are %d", len(r.GradKeys), len(r.Keys))
	case r.TopK < 0 || r.TopK > n:
		err = fmt.Errorf("the best %d of %d experts; expected 0 (all) … %d", r.TopK, n, n)
	case !r.scored() && (r.Below != 0 || r.Raw || r.TopK != 0):
		err = fmt.Errorf("a threshold, raw weights or a choice of the best without scores; expected keys to score by")
	case r.By == Standardised && !(r.Epsilon > 0):
		err = fmt.Errorf("epsilon is %g; expected more than 0, beside the variance of a row that may be constant", r.Epsilon)
	case r.Mix == Factors && r.Grain == ByRow && r.By != Uniform && r.By != Shared:
		err = fmt.Errorf("factors mixed by row; expected a decision by sequence or batch, which many rows share")
	case m.linear == nil:
		err = fmt.Errorf("experts on an embedding are not supported; supported: linear maps of blocks")
	}
	for e := 0; e < n && err == nil; e++ {
		if err = r.checkExpert(m, e); err != nil {
			err = fmt.Errorf("expert %d: %w", e, err)
		}
	}
	if err != nil {
		err = fmt.Errorf("router on module %q: %w", r.Module, err)
	}
	return err
}

func (r *Router) checkExpert(m Module, e int) error {
	b := r.Experts[e]
	if b == nil {
		return nil
	}
	if b.Module != r.Module {
		return fmt.Errorf("it is for module %q", b.Module)
	}
	if err := b.check(m); err != nil {
		return err
	}
	if b.Dropout > 0 || b.Bias != nil || b.Magnitude != nil || b.Key != nil {
		return fmt.Errorf("dropout, a bias, magnitudes or a gate of an expert are not supported yet; supported: A and B")
	}
	if r.Mix == Factors {
		if first := r.Experts[slices.IndexFunc(r.Experts, func(x *Branch) bool { return x != nil })]; first.Rank != b.Rank {
			return fmt.Errorf("its rank is %d, and %d of another; factors can be mixed at one rank only", b.Rank, first.Rank)
		}
	}
	return nil
}

// routed is a router in place.
type routed struct {
	*Router
	module  Module
	experts []expert

	gain      []float32     // ones: what a standardisation multiplies by
	hat       []float32     // keys, standardised if that is asked for, over √In
	mean, inv []float32     // of the keys' standardisation
	keys      kernel.Panels // hat laid out, for u·hatᵀ
	laid      bool          // what is frozen is laid out
	scores    []float32     // rows×experts
	choice    []int32       // rows×kept: whom a row goes to, the best first; −1: nobody
	weight    []float32     // rows×kept
	units     []unit        // by sequence, or one of the batch: decisions for many rows
	tally     Routing       // of the last pass
	told      bool          // the tally is that of the last pass
	pairs     [2][]float32  // of factors: Σ w·A and Σ w·Scale·B of the decision at work
	mixed     [2]panelsPair // the same laid out
}

// expert is an expert's factors laid out.
type expert struct {
	*Branch
	in, up, out kernel.Panels // for x·Aᵀ, z·Bᵀ and dy·B
}

// panelsPair is a factor laid out both ways.
type panelsPair struct{ forward, back kernel.Panels }

// Route adds routers to the model, each with its experts. What a module's routers say adds
// up, and to what its branches say. On an error nothing is attached.
func (r *Runner) Route(rs ...*Router) error {
	add := make([]*routed, len(rs))
	for i, x := range rs {
		m, err := r.model.locate(x.Module)
		if err == nil {
			err = x.check(m)
		}
		if err == nil && (r.model.pair != nil || r.model.distances != nil || m.linear.block >= len(r.model.parts.blocks)) {
			err = fmt.Errorf("router on module %q of a model of type %q: experts are supported in the blocks of models with one stack and plain attention", x.Module, r.model.config.Family)
		}
		if err != nil {
			return err
		}
		add[i] = &routed{Router: x, module: m, experts: make([]expert, len(x.Experts)), told: true, gain: slices.Repeat([]float32{1}, m.In)}
		for e, b := range x.Experts {
			add[i].experts[e].Branch = b
		}
	}
	for _, q := range add {
		l := &r.lanes[q.module.linear.id]
		l.routers = append(l.routers, q)
		r.routers = append(r.routers, q)
	}
	r.arrange()
	return nil
}

// trains says whether anything of a router wants a gradient.
func (q *routed) trains() bool {
	return q.GradKeys != nil || slices.ContainsFunc(q.Experts, func(b *Branch) bool { return b != nil && b.trained() })
}

// layOut lays out what is new or may have changed since the last pass, and makes room for
// the rows.
func (q *routed) layOut(rows int) {
	n, in := len(q.Experts), q.module.In
	for e := range q.experts {
		x := &q.experts[e]
		if x.Branch == nil || q.laid && !x.trained() {
			continue
		}
		if x.Rank >= thin {
			x.in.PackNT(kernel.Of(x.A, x.Rank, in))
		}
		b := kernel.Of(x.B, q.module.Out, x.Rank)
		x.up.PackNT(b)
		x.out.PackNN(b)
	}
	grow(&q.choice, rows*q.kept())
	grow(&q.weight, rows*q.kept())
	if q.scored() {
		grow(&q.scores, rows*n)
		if !q.laid || q.GradKeys != nil {
			q.layKeys()
		}
	}
	q.laid = true
}

// layKeys lays out the keys as scores read them.
func (q *routed) layKeys() {
	n, in := len(q.Experts), q.module.In
	grow(&q.hat, n*in)
	grow(&q.mean, n)
	grow(&q.inv, n)
	hat := kernel.Of(q.hat, n, in)
	copy(q.hat, q.Keys)
	if q.By == Standardised {
		kernel.LayerNorm(&hat, ref(kernel.Of(q.Keys, n, in)), q.gain, nil, q.Epsilon, q.mean, q.inv)
		kernel.Scale(q.hat, q.root())
	}
	q.keys.PackNT(hat)
}

// arrangeRouters finds how many rows the coarsest decision is for, and how deep gradients
// must flow for what routers train.
func (r *Runner) arrangeRouters() {
	together := ByRow
	for _, q := range r.routers {
		if q.By == Shared {
			together = max(together, BySequence)
		} else if q.By != Uniform {
			together = max(together, q.Grain)
		}
		if q.trains() {
			r.lowest = min(r.lowest, depth(q.module.linear.block, q.module.linear.stage))
		}
	}
	if together != r.together {
		r.together, r.capacity = together, 0 // rows that go together have other sizes now
	}
}

// layRouters lays out all routers, and makes room for the rows on their way through them.
func (r *Runner) layRouters() {
	in, rank, n := 0, 0, r.capacity
	for _, q := range r.routers {
		q.layOut(n)
		in, rank = max(in, q.module.In), max(rank, q.widest())
	}
	s := &r.mixing
	grow(&s.hat, n*in)
	grow(&s.x, n*in)
	grow(&s.z, n*rank)
	grow(&s.mean, n)
	grow(&s.inv, n)
}
