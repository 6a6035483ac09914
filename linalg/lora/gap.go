package lora

import (
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/par"
)

// Gap is the aggregation error of one round: how far what a server deployed is from the
// weighted sum of what its clients learned,
//
//	‖(deployed − previous) − Σ p_k(Δ_k − Δ_k,start)‖_F
//
// over all modules. It is 0 for a method that joins adapters exactly, whatever they are.
type Gap struct {
	Absolute float64
	Wanted   float64 // ‖Σ p_k(Δ_k − Δ_k,start)‖_F, the length of the change it should have been
}

// Relative is Absolute/Wanted; 0 where nothing was wanted and nothing done, +Inf where
// only the former holds.
func (g Gap) Relative() float64 {
	if g.Absolute == 0 {
		return 0
	}
	return g.Absolute / g.Wanted
}

// GapMeter adds up a [Gap], one adapter at a time, so that no more than one has to be
// open. The zero value is ready. Sums are in float64 and in the order of the calls; for
// each module they never take more memory than two float64 copies of its weight.
//
// Modules that some adapters lack count there as unchanged.
type GapMeter struct {
	// Change, if set before the first call, is told of what is deployed along with the meter.
	Change *ChangeMeter

	wanted changes // Σ p_k(Δ_k − Δ_k,start)
	gap    changes // (deployed − previous) − wanted, once apart
	apart  bool    // until something is deployed the gap is −wanted, and is not kept
}

// Deployed says that a, times weight, is part of what is deployed now.
func (m *GapMeter) Deployed(weight float64, a Adapter) {
	m.part()
	if m.Change != nil {
		addAll(weight, a, &m.gap, &m.Change.sum)
		return
	}
	m.gap.add(weight, a)
}

// Previous says that a, times weight, was part of what was deployed before.
func (m *GapMeter) Previous(weight float64, a Adapter) { m.Deployed(-weight, a) }

// Made says that a client of share p_k = n_k/Σn returned a.
func (m *GapMeter) Made(share float64, a Adapter) {
	m.wanted.add(share, a)
	if m.apart {
		m.gap.add(-share, a)
	}
}

// Began says that a client of that share began from a. Not called for a client whose
// change was 0 at the start.
func (m *GapMeter) Began(share float64, a Adapter) { m.Made(-share, a) }

// part begins the gap, which was the wanted change with the other sign so far: all sums and
// products of it have the same digits.
func (m *GapMeter) part() {
	if !m.apart {
		m.gap, m.apart = m.wanted.negated(), true
	}
}

// Gap is the error of what was said so far.
func (m *GapMeter) Gap() Gap {
	whole, _, _ := m.Gaps()
	return whole
}

// Gaps are the error of what was said so far, and that of each module by itself, in the order in
// which modules came. The squares of the latter sum to that of the whole.
func (m *GapMeter) Gaps() (whole Gap, modules []string, each []Gap) {
	m.part()
	off, wanted := m.gap.norms(), m.wanted.norms()
	at := make(map[string]float64, len(wanted))
	for i, module := range m.wanted.order {
		at[module] = wanted[i]
	}
	for i, module := range m.gap.order {
		each = append(each, gapOf(off[i], at[module]))
	}
	return gapOf(linalg.Norm(off), linalg.Norm(wanted)), m.gap.order, each
}

// gapOf is a gap of these lengths; one bad number makes the whole unknown.
func gapOf(absolute, wanted float64) Gap {
	if math.IsNaN(wanted) {
		absolute = math.NaN()
	}
	return Gap{Absolute: absolute, Wanted: wanted}
}

// changes is a weighted sum of changes, module by module in the order of their coming.
type changes struct {
	order []string
	sums  map[string]*linalg.ProductSum
}

func (c *changes) add(weight float64, a Adapter) { addAll(weight, a, c) }

// addAll adds a, times weight, to each of several sums.
func addAll(weight float64, a Adapter, all ...*changes) {
	sums := make([][]*linalg.ProductSum, len(a)) // no two of one module
	for i, p := range a {
		for _, c := range all {
			sums[i] = append(sums[i], c.sum(p.Module))
		}
	}
	par.For(len(a), par.Cores(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a[i].addTo(weight*a[i].Scale, sums[i]...)
		}
	})
}

// negated is −1 times the sum.
func (c *changes) negated() changes {
	out := changes{order: slices.Clone(c.order), sums: make(map[string]*linalg.ProductSum, len(c.order))}
	for _, module := range c.order {
		out.sums[module] = c.sums[module].Negated()
	}
	return out
}

func (c *changes) sum(module string) *linalg.ProductSum {
	if c.sums == nil {
		c.sums = map[string]*linalg.ProductSum{}
	}
	sum, ok := c.sums[module]
	if !ok {
		sum = &linalg.ProductSum{}
		c.sums[module] = sum
		c.order = append(c.order, module)
	}
	return sum
}

// norms are the lengths of the modules' sums, in their order.
func (c *changes) norms() []float64 {
	norms := make([]float64, len(c.order))
	c.each(func(i int, sum *linalg.ProductSum) { norms[i] = sum.Norm() })
	return norms
}

// each has do look at every module's sum, on all cores: a round has closed, and nobody trains
// until it has been measured. What do writes is the i-th module's own.
func (c *changes) each(do func(i int, sum *linalg.ProductSum)) {
	par.For(len(c.order), par.Cores(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			do(i, c.sums[c.order[i]])
		}
	})
}
