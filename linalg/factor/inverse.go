package factor

import (
	"errors"

	"gonum.org/v1/gonum/lapack/lapack64"

	"github.com/loramesh/loramesh/linalg"
)

// ErrSingular is what [Inverse] says of a matrix that has none.
var ErrSingular = errors.New("factor: the matrix has no inverse")

// Inverse is that of a square matrix, by LU with partial pivoting.
func Inverse(a linalg.Dense) (linalg.Dense, error) {
	if !finite(a.Data) {
		return linalg.Dense{}, ErrNotFinite
	}
	f := general(a.Rows, a.Cols)
	copy(f.Data, a.Data)
	pivots := make([]int, a.Rows)
	if !lapack64.Getrf(f, pivots) {
		return linalg.Dense{}, ErrSingular
	}
	ok := false
	withWork(func(work []float64, n int) { ok = lapack64.Getri(f, pivots, work, n) })
	if !ok || !finite(f.Data) {
		return linalg.Dense{}, ErrSingular
	}
	return linalg.Dense{Rows: a.Rows, Cols: a.Cols, Data: f.Data}, nil
}
