package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// Residual is what a mean of factors misses of the mean of changes,
//
//	R = s·(Σ p_k·B_kA_k − B̄Ā),
//
// which FedEx-LoRA adds to the frozen weight so that averaging becomes exact (Singhal et
// al. 2024, eq. 9). Its rank is at most (K−1)·r for K clients: it travels as factors,
// columns p_k(B_k − B̄) and rows A_k − A_{K−1} for all clients but the last, or as one
// matrix where that is smaller. Make one with [NewResidual]; the weights sum to 1.
type Residual struct {
	mean    Adapter
	clients int
	added   int
	modules []*missed
}

// missed is the residual of a module.
type missed struct {
	b   []linalg.Dense // p_k(B_k − B̄), where factors are kept
	a   []linalg.Dense // A_k
	sum linalg.ProductSum
}

// NewResidual expects so many clients, whose mean is known.
func NewResidual(mean Adapter, clients int) *Residual {
	r := &Residual{mean: mean, clients: clients}
	for range mean {
		r.modules = append(r.modules, &missed{})
	}
	return r
}

// Add takes a client's adapter in, which must be one that the mean was made of.
func (r *Residual) Add(weight float64, a Adapter) error {
	if r.added++; r.added > r.clients {
		return fmt.Errorf("lora: a residual of %d clients was given one more", r.clients)
	}
	for i, m := range r.mean {
		p, ok := a.Pair(m.Module)
		if !ok || p.Dense() || p.Rank != m.Rank || p.Out != m.Out || p.In != m.In || p.Scale != m.Scale {
			return fmt.Errorf("lora: module %s is not as in the mean, of which the residual is to be taken", m.Module)
		}
		off := linalg.Widen(p.Out, p.Rank, p.B)
		off.Add(-1, linalg.Widen(m.Out, m.Rank, m.B))
		x := r.modules[i]
		if r.thin(m) {
			x.b, x.a = append(x.b, off.Scaled(weight)), append(x.a, linalg.Widen(p.Rank, p.In, p.A))
		} else {
			x.sum.Add(weight, off, linalg.Widen(p.Rank, p.In, p.A))
		}
	}
	return nil
}

// thin says whether factors are smaller than the matrix.
func (r *Residual) thin(m Pair) bool {
	return r.rank(m) == 0 || FactorFloats(m.Out, m.In, r.rank(m)) <= m.Out*m.In
}

func (r *Residual) rank(m Pair) int { return (r.clients - 1) * m.Rank }

// Adapter is the residual, rounded to float32 once; nil of a single client, whose mean
// misses nothing. It panics where not all of the clients were added.
func (r *Residual) Adapter() Adapter {
	if r.added != r.clients {
		panic(fmt.Sprintf("lora: the residual of %d clients after %d", r.clients, r.added))
	}
	if r.clients < 2 {
		return nil
	}
	var out Adapter
	for i, m := range r.mean {
		p := Pair{Module: m.Module, Out: m.Out, In: m.In, Scale: m.Scale}
		x := r.modules[i]
		if r.thin(m) {
			b, a := thinResidual(x.b, x.a)
			p.Rank, p.B, p.A = a.Rows, b.Narrow(), a.Narrow()
		} else {
			p.D = x.sum.Dense().Narrow()
		}
		out = append(out, p)
	}
	return out
}

// thinResidual is the product of the factors of all clients but the last, whose column
// block is minus the sum of the others'.
func thinResidual(off, a []linalg.Dense) (b, rows linalg.Dense) {
	last := a[len(a)-1]
	sum := linalg.ProductSum{KeepFactors: true}
	for k := range len(a) - 1 {
		row := a[k].Scaled(1)
		row.Add(-1, last)
		sum.Add(1, off[k], row)
	}
	b, rows, _ = sum.Factors()
	return b, rows
}
