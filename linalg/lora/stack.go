package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/par"
)

// Stack is an exact weighted sum of adapters, Σ weight·Δ: what FLoRA's server makes of
// its clients (Wang et al. 2024, §3), ranks and scales being whatever they are. The zero
// value is empty.
//
// Factors are concatenated along the rank, B = [B₁ | B₂ | …] and A = [w₁A₁; w₂A₂; …]:
// the weights stand on A alone (on both they would count twice). Adapters of unequal
// scale are brought to one scale s by rows (w_k·s_k/s)·A_k. A start B0·A0 is stacked
// with a minus. Where the stack of a module would be larger than the module's weight,
// that is where Σr > out·in/(out+in), it becomes one dense matrix.
type Stack struct {
	// Scale is s; 0 takes, module by module, that of the first adapter added.
	Scale float64
	// KeepFactors never makes a module dense, however large its stack: as in the paper.
	KeepFactors bool
	// ForCut keeps the factors of a module up to twice the rank that its weight can have: a
	// [Stack.Top] of them costs less than one of the matrix that they add up to.
	ForCut bool

	modules []*stacked
	index   map[string]int
}

type stacked struct {
	shape Pair // module, sizes and scale of the result; no factors
	sum   linalg.ProductSum
}

// Add adds weight·Δ of the adapter in t, which is copied. All adapters must have the same
// modules, in any order. The sum is in the order of adding.
func (s *Stack) Add(weight float64, t linalg.Tensors) error {
	a, err := Parse(t)
	if err != nil {
		return err
	}
	return s.AddAdapter(weight, a)
}

// AddAdapter is Add for an adapter that has been read already.
func (s *Stack) AddAdapter(weight float64, a Adapter) error {
	if s.index == nil {
		s.begin(a)
	}
	if len(a) != len(s.modules) {
		return fmt.Errorf("lora: an adapter over %d modules cannot be stacked on one over %d", len(a), len(s.modules))
	}
	for _, p := range a {
		if err := p.plain(); err != nil {
			return err
		}
		i, ok := s.index[p.Module]
		if !ok {
			return fmt.Errorf("lora: module %s is not in the adapters stacked so far", p.Module)
		}
		if m := s.modules[i].shape; m.Out != p.Out || m.In != p.In {
			return fmt.Errorf("lora: module %s is %d×%d here and %d×%d in the adapters stacked so far", p.Module, p.Out, p.In, m.Out, m.In)
		}
	}
	par.For(len(a), par.Cores(), func(lo, hi int) { // no two of one module
		for _, p := range a[lo:hi] {
			m := s.modules[s.index[p.Module]]
			p.addTo(weight*(p.Scale/m.shape.Scale), &m.sum) // a ratio of equals is exactly 1
		}
	})
	return nil
}

func (s *Stack) begin(a Adapter) {
	s.index = make(map[string]int, len(a))
	for i, p := range a {
		m := &stacked{shape: Pair{Module: p.Module, Out: p.Out, In: p.In, Scale: p.Scale}}
		if s.Scale != 0 {
			m.shape.Scale = s.Scale
		}
		m.sum.KeepFactors = s.KeepFactors
		if s.ForCut {
			m.sum.KeepRank = 2 * MaxRank(p.Out, p.In)
		}
		s.modules = append(s.modules, m)
		s.index[p.Module] = i
	}
}

// Adapter is the stack as one adapter, rounded to float32 once. It panics on an empty
// stack: there is nothing to be the sum of.
func (s *Stack) Adapter() Adapter {
	if len(s.modules) == 0 {
		panic("lora: the stack of no adapters")
	}
	out := make(Adapter, len(s.modules))
	par.For(len(out), par.Cores(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = s.modules[i].pair()
		}
	})
	return out
}

// pair is the module of the sum, as far as it has come.
func (m *stacked) pair() Pair {
	p := m.shape
	if b, a, ok := m.sum.Factors(); ok {
		p.Rank, p.A, p.B = a.Rows, a.Narrow(), b.Narrow()
	} else {
		p.D = m.sum.Dense().Narrow()
	}
	return p
}

// Tensors is [Stack.Adapter], ready to travel.
func (s *Stack) Tensors() linalg.Tensors { return s.Adapter().Tensors() }

// Norm is the Frobenius norm of the sum over all modules, from the float64 sums, not
// from their rounding. The empty stack has norm 0.
func (s *Stack) Norm() float64 {
	var norms []float64
	for _, m := range s.modules {
		norms = append(norms, m.shape.Scale*m.sum.Norm())
	}
	return linalg.Norm(norms)
}
