package factor

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Passes after which [NearTop] gives the subspace up and takes the whole product apart, and
// the largest sketch, in multiples of the triples that are wanted, that pays.
const (
	mostPasses = 100
	mostSketch = 4
)

// NearTop is [ProductTop] for a product b·a whose rank is far above k: subspace iteration on
// the factors (Halko, Martinsson, Tropp 2011, algorithm 4.4), until the Frobenius error of
// the truncation is within a share near of the smallest possible. A pass is four products
// with a sketch of 3k/2 columns; the product itself is never formed. What is left to gain is
// foretold from the last two passes, which gain ever less; where a hundred passes do not
// reach it, or the sketch would not be small, the answer is [ProductTop]'s.
//
// Draws are the key's, and the rows that the workers share out do not change a bit.
func NearTop(b, a linalg.Dense, k int, near float64, key rng.Key, workers int) (SVD, error) {
	if b.Cols != a.Rows || k < 1 || near <= 0 {
		panic(fmt.Sprintf("factor: the top %d of a product of %d×%d and %d×%d within %g", k, b.Rows, b.Cols, a.Rows, a.Cols, near))
	}
	if !finite(b.Data) || !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	width := k + max(16, k/2)
	if mostSketch*width > min(b.Rows, b.Cols, a.Cols) {
		return ProductTop(b, a, k)
	}
	b, eb := balanced(b)
	a, ea := balanced(a)
	p := operator{b, a, b.T(), a.T(), workers}
	sketch := linalg.NewDense(a.Cols, width)
	s := key.At("sketch", a.Cols, width).Stream()
	for i := range sketch.Data {
		sketch.Data[i] = s.Norm()
	}
	d, ok, err := p.iterate(sketch, k, near)
	if err != nil || !ok {
		if err == nil {
			d, err = ProductTop(b, a, k)
		}
		if err != nil {
			return SVD{}, err
		}
	}
	for i := range d.Sigma {
		d.Sigma[i] = math.Ldexp(d.Sigma[i], eb+ea)
	}
	return fixSigns(d), nil
}

// operator is a product b·a that is only ever applied, with both factors turned as well:
// their rows are what workers share out.
type operator struct {
	b, a, bt, at linalg.Dense
	workers      int
}

// iterate goes from a sketch of the columns to the k leading triples. ok is false where the
// passes did not suffice.
func (p operator) iterate(right linalg.Dense, k int, near float64) (d SVD, ok bool, err error) {
	var gained []float64 // Σσ² of the k leading values, pass by pass
	for range mostPasses {
		left, _, err := QR(p.times(p.b, p.times(p.a, right)))
		if err != nil {
			return d, false, err
		}
		// QᵀBA turned, = right·r: its triples are those of the product within span(Q).
		var r linalg.Dense
		right, r, err = QR(p.times(p.at, p.times(p.bt, left)))
		if err != nil {
			return d, false, err
		}
		core, err := Decompose(r.T())
		if err != nil {
			return d, false, err
		}
		gained = append(gained, squares(core.Sigma[:k]))
		if settled(gained, squares(core.Sigma[k:]), near) {
			core = core.Top(k)
			return SVD{times(left, core.U), core.Sigma, times(right, core.V)}, true, nil
		}
	}
	return d, false, nil
}

// settled says whether what further passes could add to the captured squares is within a
// share near of the error. tail is a lower bound of that error's square; gains shrink from
// pass to pass by a factor that is taken from the last two.
func settled(captured []float64, tail, near float64) bool {
	n := len(captured)
	if n < 3 {
		return false
	}
	last, before := captured[n-1]-captured[n-2], captured[n-2]-captured[n-3]
	const noise = 1e-14 // of the sums themselves
	if last <= noise*captured[n-1] {
		return true
	}
	shrink := min(last/before, 1)
	return shrink < 1 && last*shrink/(1-shrink) <= near*tail
}

func squares(x []float64) float64 {
	sq := make([]float64, len(x))
	for i, v := range x {
		sq[i] = v * v
	}
	slices.Reverse(sq) // small ones first
	return linalg.Sum(sq)
}

// times is m·x, the rows of m shared out.
func (p operator) times(m, x linalg.Dense) linalg.Dense {
	c := linalg.NewDense(m.Rows, x.Cols)
	par.For(m.Rows, p.workers, func(lo, hi int) {
		kernel.NN64(within(c, lo, hi, 0), within(m, lo, hi, 0), whole(x), false)
	})
	return c
}
