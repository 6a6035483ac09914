package factor

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/lapack"
	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/loramesh/loramesh/linalg"
)

// SVD is a thin singular value decomposition: U·diag(Sigma)·Vᵀ, with k columns in U
// (rows×k) and V (cols×k), Sigma descending and ≥ 0.
//
// Decompositions are unique only up to signs; here the largest entry by magnitude of
// each column of U is positive (the first of equals). Where singular values are equal,
// any basis of their space is as good; which one comes is fixed but means nothing, and its
// columns are in the order of the rows in which they are largest.
type SVD struct {
	U     linalg.Dense
	Sigma []float64
	V     linalg.Dense
}

// Decompose is the thin SVD of a, k = min(rows, cols).
func Decompose(a linalg.Dense) (SVD, error) {
	if !finite(a.Data) {
		return SVD{}, ErrNotFinite
	}
	far := 2 * min(a.Rows, a.Cols) // what is far from square is made square first
	if min(a.Rows, a.Cols) > smallSide {
		far = min(a.Rows, a.Cols) + 1 // what is large, wherever it is not
	}
	switch {
	case a.Rows >= far && a.Rows > a.Cols:
		q, r := triangular(a, 1)
		d, err := square(r)
		if err != nil {
			return SVD{}, err
		}
		return fixSigns(SVD{q.times(d.U), d.Sigma, d.V}), nil
	case a.Cols >= far && a.Cols > a.Rows:
		q, r := triangular(a.T(), 1)
		d, err := square(r)
		if err != nil {
			return SVD{}, err
		}
		return fixSigns(SVD{d.V, d.Sigma, q.times(d.U)}), nil
	}
	d, err := square(a)
	return fixSigns(d), err
}

// smallSide is the side up to which LAPACK's QR iteration is as fast as dividing.
const smallSide = 192

// square decomposes a matrix whose sides are alike, and equal where they are large.
func square(a linalg.Dense) (SVD, error) {
	if min(a.Rows, a.Cols) <= smallSide {
		return small(a)
	}
	d, err := large(a.Scaled(1), all, 1)
	return SVD{d.u.T(), d.sigma, d.v.T()}, err
}

// small decomposes by LAPACK's QR iteration.
func small(a linalg.Dense) (SVD, error) {
	k := min(a.Rows, a.Cols)
	if k == 0 {
		return SVD{U: linalg.NewDense(a.Rows, 0), V: linalg.NewDense(a.Cols, 0)}, nil
	}
	f := general(a.Rows, a.Cols)
	copy(f.Data, a.Data)
	u, vt, sigma := general(a.Rows, k), general(k, a.Cols), make([]float64, k)
	ok := false
	withWork(func(work []float64, n int) {
		ok = lapack64.Gesvd(lapack.SVDStore, lapack.SVDStore, f, u, vt, sigma, work, n)
	})
	if !ok {
		return SVD{}, fmt.Errorf("factor: the SVD of a %d×%d matrix did not converge", a.Rows, a.Cols)
	}
	return SVD{linalg.Dense{Rows: a.Rows, Cols: k, Data: u.Data}, sigma, linalg.Dense{Rows: k, Cols: a.Cols, Data: vt.Data}.T()}, nil
}

// Top is the decomposition cut to the k largest singular values; where there are fewer,
// it is the whole.
func (d SVD) Top(k int) SVD {
	k = min(k, len(d.Sigma))
	return SVD{d.U.Columns(0, k), d.Sigma[:k:k], d.V.Columns(0, k)}
}

// Product is U·diag(Sigma)·Vᵀ.
func (d SVD) Product() linalg.Dense {
	us := linalg.NewDense(d.U.Rows, d.U.Cols)
	for i := range us.Rows {
		for j, x := range d.U.Row(i) {
			us.Row(i)[j] = x * d.Sigma[j]
		}
	}
	return linalg.Mul(us, d.V.T())
}

// Tail is the Frobenius error of cutting to the k largest: the root of the sum of the
// other squares.
func (d SVD) Tail(k int) float64 { return linalg.Norm(d.Sigma[min(k, len(d.Sigma)):]) }

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
func swap(m linalg.Dense, column int) {
	for i := range m.Rows {
		row := m.Row(i)
		row[column], row[column-1] = row[column-1], row[column]
	}
}

func flip(m linalg.Dense, column int) {
	for i := range m.Rows {
		m.Row(i)[column] = -m.Row(i)[column]
	}
}
