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
	p, err := reduced(b, a, workers)
	if err != nil {
		return SVD{}, err
	}
	keeps := func(sigma []float64) int {
		p.scale(sigma)
		return min(keep(sigma), len(sigma))
	}
	if p.small() {
		d, err := Decompose(p.core)
		if err != nil {
			return SVD{}, err
		}
		d = d.Top(keeps(d.Sigma))
		return fixSigns(SVD{p.left.times(d.U), d.Sigma, p.right.times(d.V)}), nil
	}
	d, err := large(p.core, keeps, workers)
	if err != nil {
		return SVD{}, err
	}
	return fixSigns(SVD{p.left.turned(d.u).T(), d.sigma, p.right.turned(d.v).T()}), nil
}

// ProductSingular are the singular values of b·a, descending: to the last bit the Sigma of
// [ProductSVD], at a third of its cost where the rank is at most 192.
func ProductSingular(b, a linalg.Dense) (sigma []float64, err error) {
	p, err := reduced(b, a, 1)
	if err != nil {
		return nil, err
	}
	if p.small() {
		if sigma, err = Singular(p.core); err == nil {
			p.scale(sigma)
		}
		return sigma, err
	}
	_, err = large(p.core, func(found []float64) int {
		p.scale(found)
		sigma = found
		return 0
	}, 1)
	return sigma, err
}

// reduction is a product as left·core·rightᵀ·2^exponent, of which the sides are orthogonal.
type reduction struct {
	left, right reflectors
	core        linalg.Dense
	exponent    int
}

// reduced reduces b·a to its core. Powers of two leave it, so that factors near 1e±200 meet in
// the middle and nothing rounds.
func reduced(b, a linalg.Dense, workers int) (p reduction, err error) {
	if b.Cols != a.Rows {
		panic(fmt.Sprintf("factor: product of %d×%d and %d×%d", b.Rows, b.Cols, a.Rows, a.Cols))
	}
	if !finite(b.Data) || !finite(a.Data) {
		return p, ErrNotFinite
	}
	b, eb := balanced(b)
	a, ea := balanced(a)
	p.exponent = eb + ea
	var rb, ra linalg.Dense
	p.left, rb = triangular(b, workers)
	p.right, ra = triangularOf(a, workers)
	p.core = linalg.NewDense(rb.Rows, ra.Rows)
	par.For(p.core.Rows, workers, func(lo, hi int) {
		kernel.NT64(within(p.core, lo, hi, 0), within(rb, lo, hi, 0), whole(ra), false)
	})
	return p, nil
}

// small says that the core is for [Decompose].
func (p reduction) small() bool {
	return p.core.Rows != p.core.Cols || p.core.Rows <= smallSide
}

// scale makes singular values of the core those of the product.
func (p reduction) scale(sigma []float64) {
	for i := range sigma {
		sigma[i] = math.Ldexp(sigma[i], p.exponent)
	}
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
