package factor

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/loramesh/loramesh/linalg"
)

// ErrNotFinite is what factorisations say of a matrix with NaN or an infinity in it.
var ErrNotFinite = errors.New("factor: the matrix has an entry that is not finite")

// QR is the thin factorisation a = q·r by Householder reflections: q is rows×k with
// orthonormal columns, r is k×cols and upper triangular, k = min(rows, cols). The
// diagonal of r may have either sign.
func QR(a linalg.Dense) (q, r linalg.Dense, err error) {
	if !finite(a.Data) {
		return q, r, ErrNotFinite
	}
	// By a power of two, so that nothing rounds and squares neither vanish nor overflow.
	a, e := balanced(a)
	f, r := triangular(a, 1)
	for i, x := range r.Data {
		r.Data[i] = math.Ldexp(x, e)
	}
	return f.thin(), r, nil
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
