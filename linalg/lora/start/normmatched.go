package start

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/rng"
)

// NormMatched begins from random directions that have the singular values of chosen triples:
// the control that tells direction from size. P (out×rank) and R (in×rank) have orthonormal
// columns; see [Directions].
func NormMatched(w linalg.Dense, p, r linalg.Dense, scale float64, choose Choice) (Start, error) {
	if err := fits(w, p.Cols, scale); err != nil {
		return Start{}, err
	}
	if p.Rows != w.Rows || r.Rows != w.Cols || r.Cols != p.Cols {
		return Start{}, fmt.Errorf("start: directions of %d×%d and %d×%d for a weight of %d×%d", p.Rows, p.Cols, r.Rows, r.Cols, w.Rows, w.Cols)
	}
	d, err := factor.Decompose(w)
	if err != nil {
		return Start{}, err
	}
	index := choose(len(d.Sigma), p.Cols)
	sigma := make([]float64, len(index))
	for k, i := range index {
		sigma[k] = d.Sigma[i]
	}
	return Spectral(factor.SVD{U: p, Sigma: sigma, V: r}, from(0, len(index)), scale)
}

// Directions draws a matrix of n rows whose rank columns are orthonormal and of uniform
// direction.
func Directions(key rng.Key, n, rank int) (linalg.Dense, error) {
	q, _, err := factor.QR(gaussian(key.At("directions", n, rank), n, rank))
	return q, err
}

func gaussian(key rng.Key, rows, cols int) linalg.Dense {
	s, m := key.Stream(), linalg.NewDense(rows, cols)
	for i := range m.Data {
		m.Data[i] = s.Norm()
	}
	return m
}
