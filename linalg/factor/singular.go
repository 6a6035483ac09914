package factor

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/lapack/gonum"

	"github.com/loramesh/loramesh/linalg"
)

// Singular are the singular values of a, descending: to the last bit the Sigma of [Decompose],
// at a third of its cost up to a side of 192. Beyond, vectors are what finds them.
func Singular(a linalg.Dense) ([]float64, error) {
	if !finite(a.Data) {
		return nil, ErrNotFinite
	}
	core := a
	switch k := min(a.Rows, a.Cols); { // as Decompose does
	case k == 0 || k > smallSide:
	case a.Rows >= 2*k:
		_, core = triangular(a, 1)
	case a.Cols >= 2*k:
		_, core = triangular(a.T(), 1)
	}
	if n := core.Rows; n == 0 || n != core.Cols || n > smallSide || !plain(core.Data) {
		d, err := Decompose(a)
		return d.Sigma, err
	}
	return diagonal(core)
}

// diagonal finds the singular values of a square matrix as [small] does: brought to two
// diagonals, which QR iterations bring to one.
func diagonal(a linalg.Dense) ([]float64, error) {
	var lapack gonum.Implementation
	n := a.Rows
	f := a.Scaled(1).Data
	d, e, tau := make([]float64, n), make([]float64, n), make([]float64, 2*n)
	withWork(func(work []float64, size int) {
		lapack.Dgebrd(n, n, f, n, d, e, tau[:n], tau[n:], work, size)
	})
	// One column to turn along: with none, LAPACK finds the values by another algorithm (dqds),
	// which rounds differently.
	if !lapack.Dbdsqr(blas.Upper, n, 1, 0, 0, d, e, make([]float64, n), 1, nil, 1, nil, 1, make([]float64, 4*n)) {
		return nil, fmt.Errorf("factor: the singular values of a %d×%d matrix did not converge", n, n)
	}
	return d, nil
}

// plain says that LAPACK's SVD takes a matrix as it is, and does not scale it first.
func plain(x []float64) bool {
	var top float64
	for _, v := range x {
		top = max(top, math.Abs(v))
	}
	return top == 0 || top > 1e-130 && top < 1e130
}
