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

// NearTop is [ProductTop] for a product b·a whose rank is far above k: subspace iteration on
// the factors that keeps its blocks (block Krylov; Musco, Musco 2015, algorithm 2), until
// the Frobenius error of the truncation is within a share near of the smallest possible. The
// product itself is never formed. A flat spectrum, of which plain iteration would take a
// hundred passes, takes a tenth of them.
//
// Whether it is near enough is judged by what one more pass gains: see [near.settled]. Where
// a few rounds of blocks do not get there, or the blocks would not be small beside the
// product, the answer is [ProductTop]'s. Draws are the key's, and the workers, who share out
// rows, do not change a bit.
func NearTop(b, a linalg.Dense, k int, share float64, key rng.Key, workers int) (SVD, error) {
	if b.Cols != a.Rows || k < 1 || share <= 0 {
		panic(fmt.Sprintf("factor: the top %d of a product of %d×%d and %d×%d within %g", k, b.Rows, b.Cols, a.Rows, a.Cols, share))
	}
	if !finite(b.Data) || !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	block := max(leastBlock, k/2)
	if 2*krylovBlocks*block > min(b.Rows, b.Cols, a.Cols) {
		return ProductTop(b, a, k)
	}
	b, eb := tamed(b)
	a, ea := tamed(a)
	n := near{b: b, a: a, k: k, share: share, basis: krylovBlocks * block, workers: workers}
	sketch := linalg.NewDense(a.Cols, block)
	s := key.At("sketch", a.Cols, block).Stream()
	for i := range sketch.Data {
		sketch.Data[i] = s.Norm()
	}
	d, ok, err := n.find(sketch)
	if err == nil && !ok {
		d, err = ProductTop(b, a, k)
	}
	if err != nil {
		return SVD{}, err
	}
	for i := range d.Sigma {
		d.Sigma[i] = math.Ldexp(d.Sigma[i], eb+ea)
	}
	return fixSigns(d), nil
}

const (
	krylovBlocks = 20 // of k/2 columns, in the first round
	krylovRounds = 4  // after which the whole product is taken apart
	leastBlock   = 16 // columns; also how many triples beyond k are kept in sight
)

// near looks for the leading triples of b·a, which is only ever applied.
type near struct {
	b, a    linalg.Dense
	k       int
	share   float64
	basis   int // columns of a round's blocks
	workers int
}

// find goes from a sketch of the columns to the triples. ok is false where its rounds did not
// suffice.
func (n near) find(right linalg.Dense) (d SVD, ok bool, err error) {
	if right, _, err = QR(right); err != nil {
		return d, false, err
	}
	// Gaussian columns see the whole energy alike: an estimate of ‖b·a‖².
	seen := linalg.Norm(n.times(n.b, n.times(n.a, right)).Data)
	energy := seen * seen * float64(right.Rows) / float64(right.Cols)
	for range krylovRounds {
		var foretold float64
		if right, foretold, err = n.blocks(right); err != nil {
			return d, false, err
		}
		left, _, err := QR(n.times(n.b, n.times(n.a, right)))
		if err != nil {
			return d, false, err
		}
		// QᵀBA turned, = right·r: its triples are those of the product within span(Q).
		var r linalg.Dense
		if right, r, err = QR(n.turned(n.a, n.turned(n.b, left))); err != nil {
			return d, false, err
		}
		core, err := Decompose(r.T())
		if err != nil {
			return d, false, err
		}
		tail := max(squares(core.Sigma[n.k:]), energy/2-squares(core.Sigma[:n.k]))
		if n.settled(squares(core.Sigma[:n.k]), foretold, tail) {
			core = core.Top(n.k)
			return SVD{times(left, core.U), core.Sigma, times(right, core.V)}, true, nil
		}
	}
	return d, false, nil
}

// blocks applies the product and its transpose again and again and gives the k + leastBlock
// columns, within all that this spans, that capture most; captured is Σσ² of the first k of them.
func (n near) blocks(start linalg.Dense) (top linalg.Dense, captured float64, err error) {
	span := []linalg.Dense{start}
	var images []linalg.Dense
	for {
		last := span[len(span)-1]
		image := n.turned(n.a, n.turned(n.b, n.times(n.b, n.times(n.a, last))))
		images = append(images, image)
		if len(images)*start.Cols >= n.basis {
			break
		}
		x := image
		for range 2 { // twice is enough (Giraud, Langou 2003)
			x = x.Scaled(1)
			for _, v := range span {
				x.Add(-1, times(v, turnedTimes(v, x)))
			}
			if x, _, err = QR(x); err != nil {
				return top, 0, err
			}
		}
		span = append(span, x)
	}
	v := sideBySide(span)
	d, err := Decompose(turnedTimes(v, sideBySide(images)))
	if err != nil {
		return top, 0, err
	}
	// The columns of v are orthonormal, and d is of a symmetric matrix: values are squares.
	top = times(v, d.U.Columns(0, min(n.k+leastBlock, d.U.Cols)))
	return top, linalg.Sum(d.Sigma[:n.k]), nil
}

// settled says whether what further passes could add to the captured squares is within the
// share of the error that is asked for. One pass of plain iteration has just gained captured −
// foretold; on flat spectra, which are the slow ones, it finds about a third of what is
// missing. tail bounds the square of the smallest error from below: by triples in sight, or by
// half the energy that the sketch saw (whose spread is 20 % at most).
func (n near) settled(captured, foretold, tail float64) bool {
	const noise = 1e-13 // of the sums themselves
	gain := captured - foretold
	return gain <= noise*captured || 4*gain <= 2*n.share*tail
}

func sideBySide(list []linalg.Dense) linalg.Dense {
	cols := 0
	for _, m := range list {
		cols += m.Cols
	}
	out := linalg.NewDense(list[0].Rows, cols)
	for i := range out.Rows {
		row := out.Row(i)
		for _, m := range list {
			row = row[copy(row, m.Row(i)):]
		}
	}
	return out
}

// squares is the sum of them, small ones first.
func squares(x []float64) float64 {
	var sum float64
	for _, v := range slices.Backward(x) {
		sum += float64(v * v)
	}
	return sum
}

// tamed is [balanced] where squares of a product's entries could vanish or overflow, and
// spares the copy elsewhere.
func tamed(m linalg.Dense) (linalg.Dense, int) {
	var top float64
	for _, x := range m.Data {
		top = max(top, math.Abs(x))
	}
	if top == 0 || 1e-30 < top && top < 1e30 {
		return m, 0
	}
	return balanced(m)
}

// times is m·x, the rows of m shared out.
func (n near) times(m, x linalg.Dense) linalg.Dense {
	c := linalg.NewDense(m.Rows, x.Cols)
	par.For(m.Rows, n.workers, func(lo, hi int) {
		kernel.NN64(within(c, lo, hi, 0), within(m, lo, hi, 0), whole(x), false)
	})
	return c
}

// turned is mᵀ·x, the columns of m shared out.
func (n near) turned(m, x linalg.Dense) linalg.Dense {
	c := linalg.NewDense(m.Cols, x.Cols)
	par.For(m.Cols, n.workers, func(lo, hi int) {
		some := kernel.Matrix64{Data: m.Data[lo : len(m.Data)-(m.Cols-hi)], Rows: m.Rows, Cols: hi - lo, Stride: m.Cols}
		kernel.TN64(within(c, lo, hi, 0), some, whole(x), false)
	})
	return c
}
