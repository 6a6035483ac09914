package linalg

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// ErrNotFinite is what factorisations say of a matrix with NaN or an infinity in it.
var ErrNotFinite = errors.New("linalg: the matrix has an entry that is not finite")

// QR is the thin factorisation a = q·r by Householder reflections: q is rows×k with
// orthonormal columns, r is k×cols and upper triangular, k = min(rows, cols). The
// diagonal of r may have either sign.
func QR(a Dense) (q, r Dense, err error) {
	if !finite(a.Data) {
		return q, r, ErrNotFinite
	}
	k := min(a.Rows, a.Cols)
	if k == 0 {
		return NewDense(a.Rows, 0), NewDense(0, a.Cols), nil
	}
	f := general(a.Rows, a.Cols)
	copy(f.Data, a.Data)
	tau := make([]float64, k)
	withWork(func(work []float64, n int) { lapack64.Geqrf(f, tau, work, n) })

	r = NewDense(k, a.Cols)
	for i := range k {
		copy(r.Row(i)[i:], f.Data[i*f.Stride+i:i*f.Stride+f.Cols])
	}
	h := general(a.Rows, k)
	for i := range a.Rows {
		copy(h.Data[i*k:(i+1)*k], f.Data[i*f.Stride:])
	}
	withWork(func(work []float64, n int) { lapack64.Orgqr(h, tau, work, n) })
	return Dense{a.Rows, k, h.Data}, r, nil
}

func finite(x []float64) bool {
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

func general(rows, cols int) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: max(cols, 1), Data: make([]float64, rows*cols)}
}

// withWork asks a LAPACK routine how much scratch it wants, then runs it with that.
func withWork(run func(work []float64, n int)) {
	query := make([]float64, 1)
	run(query, -1)
	n := int(query[0])
	run(make([]float64, n), n)
}
