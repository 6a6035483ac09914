package lora

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
)

// Pair is what an adapter holds for one module. Matrices are row-major. Either A and B
// are set, or D alone.
type Pair struct {
	Module string // "3.q"
	Out    int    // rows of the frozen weight
	In     int    // its columns
	Rank   int    // of A and B; 0 for a dense pair
	A, B   []float32
	Scale  float64 // s: what others call alpha/rank, or alpha/√rank; never 0
	// A0 and B0 are the start that was taken out of the frozen weight (the weight is
	// W − s·B0·A0 while the pair is at work); nil where the start was B = 0. Their rank
	// is their own, see StartRank.
	A0, B0 []float32
	D      []float32 // Out×In, in the place of factors
	// M are the magnitudes of a DoRA, one per row; nil without. What such a pair changes
	// depends on the weight, see [Pair.DeltaOn].
	M []float32
}

// Dense says whether the pair holds the change itself rather than factors of it.
func (p Pair) Dense() bool { return p.D != nil }

// Started says whether the pair has a start that moved the base.
func (p Pair) Started() bool { return p.A0 != nil }

// StartRank is the rank of A0 and B0; 0 without them.
func (p Pair) StartRank() int {
	switch {
	case p.In > 0:
		return len(p.A0) / p.In
	case p.Out > 0: // B alone is known, see [Factors]
		return len(p.B0) / p.Out
	}
	return 0
}

// Floats counts the numbers that travel with the pair: four bytes each.
func (p Pair) Floats() int {
	return len(p.A) + len(p.B) + len(p.A0) + len(p.B0) + len(p.D) + len(p.M)
}

// Delta is the change of the frozen weight, Out×In in float64: s(BA − B0A0), or s·D. It
// panics for a pair with magnitudes.
func (p Pair) Delta() linalg.Dense {
	if p.M != nil {
		panic("lora: the change of a pair with magnitudes, module " + p.Module + ", without its weight")
	}
	var sum linalg.ProductSum
	p.addTo(p.Scale, &sum)
	return sum.Dense()
}

// addTo adds weight·(BA − B0A0), or weight·D, to each of the sums: the scale is part of the weight.
func (p Pair) addTo(weight float64, sums ...*linalg.ProductSum) {
	if p.Dense() {
		d := linalg.Widen(p.Out, p.In, p.D)
		for _, sum := range sums {
			sum.AddDense(weight, d)
		}
		return
	}
	linalg.AddProduct(weight, linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A), sums...)
	if r := p.StartRank(); r > 0 {
		linalg.AddProduct(weight, linalg.Widen(p.Out, r, p.B0).Scaled(-1), linalg.Widen(r, p.In, p.A0), sums...)
	}
}

// Check says what keeps the pair from being one.
func (p Pair) Check() error {
	fail := func(text string, args ...any) error {
		return fmt.Errorf("module %s: "+text, append([]any{p.Module}, args...)...)
	}
	switch {
	case p.Module == "":
		return fmt.Errorf("a pair without the name of its module")
	case p.Out <= 0 || p.In <= 0:
		return fail("the weight is %d×%d, expected at least 1×1", p.Out, p.In)
	case p.Scale == 0 || math.IsNaN(p.Scale) || math.IsInf(p.Scale, 0):
		return fail("the scale is %v, expected a finite number other than 0", p.Scale)
	case p.M != nil && len(p.M) != p.Out:
		return fail("has %d magnitudes, expected one for each of %d rows", len(p.M), p.Out)
	case p.M != nil && (p.Dense() || p.Started()):
		return fail("has magnitudes beside a dense change or a start; expected plain factors")
	case p.Dense() && (p.A != nil || p.B != nil || p.Started()):
		return fail("has both a dense change D and factors; expected one of the two")
	case p.Dense() && len(p.D) != p.Out*p.In:
		return fail("D has %d numbers, expected %d×%d", len(p.D), p.Out, p.In)
	case p.Dense():
		return nil
	case p.Rank <= 0:
		return fail("the rank is %d, expected at least 1", p.Rank)
	case len(p.A) != p.Rank*p.In:
		return fail("A has %d numbers, expected rank %d × in %d", len(p.A), p.Rank, p.In)
	case len(p.B) != p.Out*p.Rank:
		return fail("B has %d numbers, expected out %d × rank %d", len(p.B), p.Out, p.Rank)
	case (p.A0 == nil) != (p.B0 == nil):
		return fail("has one of A0 and B0; expected both or neither")
	case p.Started() && (len(p.A0) == 0 || len(p.A0)%p.In != 0 || len(p.B0) != p.Out*p.StartRank()):
		return fail("A0 has %d numbers and B0 %d, expected r×%d and %d×r for one rank r", len(p.A0), len(p.B0), p.In, p.Out)
	}
	return nil
}
