package merge

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
)

// module is what the parts have for one module of the base.
type module struct {
	name    string
	out, in int
	terms   []term
	rank    int // of a joint that is cut: the option, or the largest rank of all parts
	sum     int // of the largest ranks of all parts, whether they have the module or not
	Options
}

// term is one part's factors, b out×r and a r×in; its change is scale·b·a.
type term struct {
	part          string
	weight, scale float64
	b, a          linalg.Dense
}

// joined is what a merge makes of a module: the change b·a.
type joined struct{ b, a linalg.Dense }

func modulesOf(parts []Part, o Options) ([]module, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("merge: no adapters")
	}
	var out []module
	at := map[string]int{}
	largest, sum := 0, 0
	for _, part := range parts {
		if err := part.Adapter.Check(); err != nil {
			return nil, fmt.Errorf("merge: adapter %s: %w", part.Name, err)
		}
		if math.IsNaN(part.Weight) || math.IsInf(part.Weight, 0) {
			return nil, fmt.Errorf("merge: adapter %s has weight %v, expected a finite number", part.Name, part.Weight)
		}
		rank := 0
		for _, p := range part.Adapter {
			p = p.Plain()
			rank = max(rank, p.Rank)
			i, known := at[p.Module]
			if !known {
				i = len(out)
				at[p.Module] = i
				out = append(out, module{name: p.Module, out: p.Out, in: p.In, Options: o})
			}
			if m := out[i]; m.out != p.Out || m.in != p.In {
				return nil, fmt.Errorf("merge: module %s is %d×%d in adapter %s and %d×%d in %s: they are not of one base", p.Module, p.Out, p.In, part.Name, m.out, m.in, m.terms[0].part)
			}
			out[i].terms = append(out[i].terms, termOf(part, p))
		}
		largest = max(largest, rank)
		sum += rank
	}
	for i := range out {
		out[i].sum, out[i].rank = sum, o.Rank
		if o.Rank == 0 {
			out[i].rank = largest
		}
	}
	return out, nil
}

func termOf(part Part, p lora.Pair) term {
	return term{part.Name, part.Weight, p.Scale, linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A)}
}

// joiner makes one matrix of those of the parts, which are all "A", all "B" or all "delta",
// each with its weight.
type joiner func(m module, what string, xs []linalg.Dense, weights []float64) linalg.Dense

// factors joins A and B apart, with the weights √|w·s|, the sign of w·s on A alone. Ranks
// must be equal: rows of A of different parts are added up.
func (m module) factors(join joiner) (joined, error) {
	var as, bs []linalg.Dense
	var onA, onB []float64
	for _, t := range m.terms {
		if first := m.terms[0]; t.a.Rows != first.a.Rows {
			return joined{}, fmt.Errorf("rank %d in adapter %s and %d in %s: factors of unequal ranks cannot be added; take cat, or a merge whose name ends in svd", t.a.Rows, t.part, first.a.Rows, first.part)
		}
		root := math.Sqrt(math.Abs(t.weight * t.scale))
		as, bs = append(as, t.a), append(bs, t.b)
		onA, onB = append(onA, math.Copysign(root, t.weight*t.scale)), append(onB, root)
	}
	return joined{b: join(m, "B", bs, onB), a: join(m, "A", as, onA)}, nil
}

// products joins the changes s·B·A as matrices and cuts the joint to the rank by SVD.
func (m module) products(join joiner) (joined, error) {
	var deltas []linalg.Dense
	var weights []float64
	for _, t := range m.terms {
		deltas = append(deltas, linalg.Mul(t.b, t.a).Scaled(t.scale))
		weights = append(weights, t.weight)
	}
	d, err := m.largestTriples(join(m, "delta", deltas, weights))
	if err != nil {
		return joined{}, err
	}
	return m.cut(d), nil
}

// exactSide is the smaller side of a weight up to which joints are decomposed whole; a whole
// decomposition of 4096×4096 takes many minutes, its leading triples a second.
const exactSide = 768

// largestTriples decomposes a joint as far as it will be kept. Above exactSide it does so by
// subspace iteration with enough passes that what is kept is the best of its rank to within
// 1e-3 even where the spectrum is flat.
func (m module) largestTriples(joint linalg.Dense) (factor.SVD, error) {
	if min(joint.Rows, joint.Cols) <= exactSide {
		return factor.Decompose(joint)
	}
	const passes = 6
	return factor.TopSVD(joint, m.rank, passes, rng.New(1).At("merge", m.name))
}

// cut is the decomposition at the module's rank, singular values in B; rows of A and columns
// of B beyond what it has are 0.
func (m module) cut(d factor.SVD) joined {
	d = d.Top(m.rank)
	j := joined{b: linalg.NewDense(m.out, m.rank), a: linalg.NewDense(m.rank, m.in)}
	for k, s := range d.Sigma {
		for i := range m.out {
			j.b.Row(i)[k] = d.U.At(i, k) * s
		}
		for i := range m.in {
			j.a.Row(k)[i] = d.V.At(i, k)
		}
	}
	return j
}

// add is the weighted sum.
func add(_ module, _ string, xs []linalg.Dense, weights []float64) linalg.Dense {
	sum := linalg.NewDense(xs[0].Rows, xs[0].Cols)
	for i, x := range xs {
		sum.Add(weights[i], x)
	}
	return sum
}

// pruner drops entries of one part's matrix.
type pruner func(m module, what, part string, x linalg.Dense) linalg.Dense

// after is a joiner of what the pruner leaves.
func (join joiner) after(prune pruner) joiner {
	return func(m module, what string, xs []linalg.Dense, weights []float64) linalg.Dense {
		left := make([]linalg.Dense, len(xs))
		for i, x := range xs {
			left[i] = prune(m, what, m.terms[i].part, x)
		}
		return join(m, what, left, weights)
	}
}
