package factor

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/par"
)

// ProductSVD is the thin SVD of b·a, which is never formed: both factors are reduced by
// QR and the small core is decomposed. k = min(rows, cols, rank); the cost is linear in
// rows + cols. Against the road over bᵀb it keeps singular values down to 1e-16 of the
// largest, not 1e-8.
func ProductSVD(b, a linalg.Dense) (SVD, error) { return ProductCut(b, a, all, 1) }

// ProductTop is [ProductSVD] cut to the k largest singular values, at less cost: only their
// vectors are brought back to full length.
func ProductTop(b, a linalg.Dense, k int) (SVD, error) {
	return ProductCut(b, a, func([]float64) int { return k }, 1)
}

// ProductCut is [ProductTop] for a number of triples that depends on the singular values, of
// which keep is given all, descending. The workers share the work out and do not change a bit.
func ProductCut(b, a linalg.Dense, keep func(sigma []float64) int, workers int) (SVD, error) {
	if b.Cols != a.Rows {
		panic(fmt.Sprintf("factor: product of %d×%d and %d×%d", b.Rows, b.Cols, a.Rows, a.Cols))
	}
	if !finite(b.Data) || !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	// Powers of two, so that factors near 1e±200 meet in the middle and nothing rounds.
	b, eb := balanced(b)
	a, ea := balanced(a)
	keeps := func(sigma []float64) int {
		for i := range sigma {
			sigma[i] = math.Ldexp(sigma[i], eb+ea)
		}
		return min(keep(sigma), len(sigma))
	}
	qb, rb := triangular(b, workers)
	qa, ra := triangularOf(a, workers)
	core := linalg.NewDense(rb.Rows, ra.Rows)
	par.For(core.Rows, workers, func(lo, hi int) {
		kernel.NT64(within(core, lo, hi, 0), within(rb, lo, hi, 0), whole(ra), false)
	})
	if core.Rows != core.Cols || core.Rows <= smallSide {
		d, err := Decompose(core)
		if err != nil {
			return SVD{}, err
		}
		d = d.Top(keeps(d.Sigma))
		return fixSigns(SVD{qb.times(d.U), d.Sigma, qa.times(d.V)}), nil
	}
	d, err := large(core, keeps, workers)
	if err != nil {
		return SVD{}, err
	}
	return fixSigns(SVD{qb.turned(d.u).T(), d.sigma, qa.turned(d.v).T()}), nil
}

// balanced is m times a power of two that brings its largest entry to [½, 1), and the
// exponent that undoes it.
func balanced(m linalg.Dense) (linalg.Dense, int) {
	var top float64
	for _, x := range m.Data {
		top = max(top, math.Abs(x))
	}
	_, e := math.Frexp(top)
	if top == 0 || math.IsInf(top, 0) || math.IsNaN(top) {
		return m, 0
	}
	out := linalg.NewDense(m.Rows, m.Cols)
	for i, x := range m.Data {
		out.Data[i] = math.Ldexp(x, -e)
	}
	return out, e
}
