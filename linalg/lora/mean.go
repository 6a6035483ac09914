package lora

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
)

// Mean is the weighted mean of factors, Ā = Σ p_k·A_k and B̄ = Σ p_k·B_k: FedIT's server
// (Zhang et al. 2023). It is not the mean of the changes: B̄Ā − Σ p_k·B_kA_k is minus the
// weighted covariance of the factors, and 0 where all A_k or all B_k agree. The zero
// value is empty; the weights should sum to 1.
//
// All adapters must have the same modules, scales and, where they have one, start.
type Mean struct {
	// Pad fills smaller adapters up with zeros to the largest rank, as zero-padding does:
	// row j of the mean then has only the weight of those whose rank is above j. Without
	// it, unequal ranks are an error.
	Pad     bool
	modules []*averaged
	index   map[string]int
}

type averaged struct {
	shape Pair      // module, sizes, scale, start, and the largest rank so far
	a     []float64 // rank×in
	bt    []float64 // B transposed, rank×out: both grow by rows
	// of single factors, the one that nobody brings
	noA, noB bool
}

// Add adds weight times the factors of the adapter in t, which is copied.
func (m *Mean) Add(weight float64, t linalg.Tensors) error {
	a, err := Parse(t)
	if err != nil {
		return err
	}
	return m.AddAdapter(weight, a)
}

// AddAdapter is Add for an adapter that has been read already.
func (m *Mean) AddAdapter(weight float64, a Adapter) error { return m.add(weight, a) }

// AddFactors is AddAdapter for single factors; all must bring the same ones.
func (m *Mean) AddFactors(weight float64, f Factors) error { return m.add(weight, Adapter(f)) }

func (m *Mean) add(weight float64, a Adapter) error {
	if m.index == nil {
		m.begin(a)
	}
	if len(a) != len(m.modules) {
		return fmt.Errorf("lora: an adapter over %d modules cannot be averaged with one over %d", len(a), len(m.modules))
	}
	for _, p := range a {
		i, ok := m.index[p.Module]
		if !ok {
			return fmt.Errorf("lora: module %s is not in the adapters averaged so far", p.Module)
		}
		if err := m.modules[i].fits(p, m.Pad); err != nil {
			return err
		}
	}
	for _, p := range a {
		m.modules[m.index[p.Module]].add(weight, p)
	}
	return nil
}

func (m *Mean) begin(a Adapter) {
	m.index = make(map[string]int, len(a))
	for i, p := range a {
		shape := Pair{Module: p.Module, Out: p.Out, In: p.In, Rank: p.Rank, Scale: p.Scale,
			A0: slices.Clone(p.A0), B0: slices.Clone(p.B0)}
		m.modules = append(m.modules, &averaged{shape: shape, noA: p.A == nil, noB: p.B == nil})
		m.index[p.Module] = i
	}
}

func (v *averaged) fits(p Pair, pad bool) error {
	was := v.shape
	if err := p.plain(); err != nil {
		return err
	}
	switch {
	case p.Dense():
		return fmt.Errorf("lora: module %s is dense here: it has no factors to average", p.Module)
	case (p.A == nil) != v.noA || (p.B == nil) != v.noB:
		return fmt.Errorf("lora: module %s does not bring the same factors as in the adapters averaged so far", p.Module)
	case p.Out != was.Out || p.In != was.In:
		return fmt.Errorf("lora: module %s is %d×%d here and %d×%d in the adapters averaged so far", p.Module, p.Out, p.In, was.Out, was.In)
	case p.Scale != was.Scale:
		return fmt.Errorf("lora: module %s has scale %v here and %v in the adapters averaged so far: rescale them to one", p.Module, p.Scale, was.Scale)
	case p.Rank != was.Rank && !pad:
		return fmt.Errorf("lora: module %s has rank %d here and %d in the adapters averaged so far: a mean of factors needs equal ranks, or padding", p.Module, p.Rank, was.Rank)
	case !slices.Equal(p.A0, was.A0) || !slices.Equal(p.B0, was.B0):
		return fmt.Errorf("lora: module %s began from another start than in the adapters averaged so far: their factors have no common mean", p.Module)
	}
	return nil
}

func (v *averaged) add(weight float64, p Pair) {
	v.shape.Rank = max(v.shape.Rank, p.Rank)
	v.a = grow(v.a, v.shape.Rank*p.In)
	v.bt = grow(v.bt, v.shape.Rank*p.Out)
	kernel.AddWide(v.a[:len(p.A)], weight, p.A)
	for i := range p.Out { // 0 without B
		for j, x := range p.B[i*p.Rank : (i+1)*p.Rank] {
			v.bt[j*p.Out+i] += float64(weight * float64(x))
		}
	}
}

func grow(x []float64, n int) []float64 { return append(x, make([]float64, max(0, n-len(x)))...) }

// Adapter is the mean as one adapter, rounded to float32 once. It panics where nothing
// was added, or single factors were.
func (m *Mean) Adapter() Adapter {
	out := Adapter(m.Factors())
	if err := out.Check(); err != nil {
		panic(err.Error())
	}
	return out
}

// Factors is the mean of whatever factors were added, rounded to float32 once.
func (m *Mean) Factors() Factors {
	if len(m.modules) == 0 {
		panic("lora: the mean of no adapters")
	}
	var out Factors
	for _, v := range m.modules {
		p := v.shape
		if !v.noA {
			p.A = linalg.Dense{Rows: p.Rank, Cols: p.In, Data: v.a}.Narrow()
		}
		if !v.noB {
			p.B = linalg.Dense{Rows: p.Rank, Cols: p.Out, Data: v.bt}.T().Narrow()
		}
		out = append(out, p)
	}
	return out
}

// Tensors is [Mean.Adapter], ready to travel.
func (m *Mean) Tensors() linalg.Tensors { return m.Adapter().Tensors() }
