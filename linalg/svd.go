package linalg

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// SVD is a thin singular value decomposition: U·diag(Sigma)·Vᵀ, with k columns in U
// (rows×k) and V (cols×k), Sigma descending and ≥ 0.
//
// Decompositions are unique only up to signs; here the largest entry by magnitude of
// each column of U is positive (the first of equals). Where singular values are equal,
// any basis of their space is as good; which one comes is fixed but means nothing, and its
// columns are in the order of the rows in which they are largest.
type SVD struct {
	U     Dense
	Sigma []float64
	V     Dense
}

// Decompose is the thin SVD of a, k = min(rows, cols).
func Decompose(a Dense) (SVD, error) {
	if !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	switch {
	case a.Rows >= 2*a.Cols: // what is far from square is made square first
		q, r := triangular(a)
		d, err := small(r)
		if err != nil {
			return SVD{}, err
		}
		return fixSigns(SVD{q.times(d.U), d.Sigma, d.V}), nil
	case a.Cols >= 2*a.Rows:
		q, r := triangular(a.T())
		d, err := small(r)
		if err != nil {
			return SVD{}, err
		}
		return fixSigns(SVD{d.V, d.Sigma, q.times(d.U)}), nil
	}
	d, err := small(a)
	return fixSigns(d), err
}

// small decomposes a matrix whose sides are alike, by LAPACK's QR iteration.
func small(a Dense) (SVD, error) {
	k := min(a.Rows, a.Cols)
	if k == 0 {
		return SVD{U: NewDense(a.Rows, 0), V: NewDense(a.Cols, 0)}, nil
	}
	f := general(a.Rows, a.Cols)
	copy(f.Data, a.Data)
	u, vt, sigma := general(a.Rows, k), general(k, a.Cols), make([]float64, k)
	ok := false
	withWork(func(work []float64, n int) {
		ok = lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, f, u, vt, sigma, work, n)
	})
	if !ok {
		return SVD{}, fmt.Errorf("linalg: the SVD of a %d×%d matrix did not converge", a.Rows, a.Cols)
	}
	return SVD{Dense{a.Rows, k, u.Data}, sigma, Dense{k, a.Cols, vt.Data}.T()}, nil
}

// ProductSVD is the thin SVD of b·a, which is never formed: both factors are reduced by
// QR and the small core is decomposed. k = min(rows, cols, rank); the cost is linear in
// rows + cols. Against the road over bᵀb it keeps singular values down to 1e-16 of the
// largest, not 1e-8.
func ProductSVD(b, a Dense) (SVD, error) { return ProductTop(b, a, b.Cols) }

// ProductTop is [ProductSVD] cut to the k largest singular values, at less cost: only their
// vectors are brought back to full length.
func ProductTop(b, a Dense, k int) (SVD, error) {
	if b.Cols != a.Rows {
		panic(fmt.Sprintf("linalg: product of %d×%d and %d×%d", b.Rows, b.Cols, a.Rows, a.Cols))
	}
	if !finite(b.Data) || !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	// Powers of two, so that factors near 1e±200 meet in the middle and nothing rounds.
	b, eb := balanced(b)
	a, ea := balanced(a)
	qb, rb := triangular(b)
	qa, ra := triangular(a.T())
	core := NewDense(rb.Rows, ra.Rows)
	kernel.NT64(whole(core), whole(rb), whole(ra), false)
	d, err := Decompose(core)
	if err != nil {
		return SVD{}, err
	}
	d = d.Top(k)
	for i := range d.Sigma {
		d.Sigma[i] = math.Ldexp(d.Sigma[i], eb+ea)
	}
	return fixSigns(SVD{qb.times(d.U), d.Sigma, qa.times(d.V)}), nil
}

// Top is the decomposition cut to the k largest singular values; where there are fewer,
// it is the whole.
func (d SVD) Top(k int) SVD {
	k = min(k, len(d.Sigma))
	return SVD{d.U.Columns(0, k), d.Sigma[:k:k], d.V.Columns(0, k)}
}

// Product is U·diag(Sigma)·Vᵀ.
func (d SVD) Product() Dense {
	us := NewDense(d.U.Rows, d.U.Cols)
	for i := range us.Rows {
		for j, x := range d.U.Row(i) {
			us.Row(i)[j] = x * d.Sigma[j]
		}
	}
	return Mul(us, d.V.T())
}

// Tail is the Frobenius error of cutting to the k largest: the root of the sum of the
// other squares.
func (d SVD) Tail(k int) float64 { return Norm(d.Sigma[min(k, len(d.Sigma)):]) }

// fixSigns makes a decomposition the one that [SVD] describes.
func fixSigns(d SVD) SVD {
	at := make([]int, d.U.Cols) // the row in which the column is largest
	for j := range at {
		for i := range d.U.Rows {
			if math.Abs(d.U.At(i, j)) > math.Abs(d.U.At(at[j], j)) {
				at[j] = i
			}
		}
		if d.U.Rows > 0 && d.U.At(at[j], j) < 0 {
			flip(d.U, j)
			flip(d.V, j)
		}
	}
	for j := 1; j < len(at); j++ {
		for i := j; i > 0 && d.Sigma[i] == d.Sigma[i-1] && at[i] < at[i-1]; i-- {
			at[i], at[i-1] = at[i-1], at[i]
			swap(d.U, i)
			swap(d.V, i)
		}
	}
	return d
}

// swap exchanges a column and the one before it.
func swap(m Dense, column int) {
	for i := range m.Rows {
		row := m.Row(i)
		row[column], row[column-1] = row[column-1], row[column]
	}
}

func flip(m Dense, column int) {
	for i := range m.Rows {
		m.Row(i)[column] = -m.Row(i)[column]
	}
}

// balanced is m times a power of two that brings its largest entry to [½, 1), and the
// exponent that undoes it.
func balanced(m Dense) (Dense, int) {
	var top float64
	for _, x := range m.Data {
		top = max(top, math.Abs(x))
	}
	_, e := math.Frexp(top)
	if top == 0 || math.IsInf(top, 0) || math.IsNaN(top) {
		return m, 0
	}
	out := NewDense(m.Rows, m.Cols)
	for i, x := range m.Data {
		out.Data[i] = math.Ldexp(x, -e)
	}
	return out, e
}
