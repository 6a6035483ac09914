package linalg

import (
	"errors"

	"gonum.org/v1/gonum/lapack/lapack64"
)

// ErrSingular is what [Inverse] says of a matrix that has none.
var ErrSingular = errors.New("linalg: the matrix has no inverse")

// Inverse is that of a square matrix, by LU with partial pivoting.
func Inverse(a Dense) (Dense, error) {
	if !finite(a.Data) {
		return Dense{}, ErrNotFinite
	}
	f := general(a.Rows, a.Cols)
	copy(f.Data, a.Data)
	pivots := make([]int, a.Rows)
	if !lapack64.Getrf(f, pivots) {
		return Dense{}, ErrSingular
	}
	ok := false
	withWork(func(work []float64, n int) { ok = lapack64.Getri(f, pivots, work, n) })
	if !ok || !finite(f.Data) {
		return Dense{}, ErrSingular
	}
	return Dense{a.Rows, a.Cols, f.Data}, nil
}
