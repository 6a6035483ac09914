package start

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// FromMoments is the [PCA] of n inputs of which only the mean and the second moment E[xxᵀ]
// are left: the eigenvectors of the covariance. Moments add up over batches and over
// participants, so this is the PCA of all inputs together wherever they are. It follows the
// k largest directions in which anything varies. Squares cost half the digits: directions
// whose share of the variance is near the rounding of the moments are noise, and are left
// out below 1e-12 of the whole.
func FromMoments(mean []float64, second linalg.Dense, n float64, k int) (*PCA, error) {
	if second.Rows != len(mean) || second.Cols != len(mean) || !(n > 0) {
		return nil, fmt.Errorf("start: a moment of %d×%d and a mean of %d numbers over %g inputs; expected a square as wide as the mean, over at least one", second.Rows, second.Cols, len(mean), n)
	}
	cov := linalg.NewDense(second.Rows, second.Cols)
	for i := range cov.Rows {
		for j := range cov.Cols {
			// The rounding of a symmetric matrix need not be symmetric.
			both := (second.At(i, j) + second.At(j, i)) / 2
			cov.Row(i)[j] = both - float64(mean[i]*mean[j])
		}
	}
	p := NewPCA(k)
	for i := range cov.Rows {
		p.total += max(cov.At(i, i), 0) * n
	}
	d, err := factor.Decompose(cov)
	if err != nil {
		return nil, err
	}
	keep := 0
	for keep < min(p.k, len(d.Sigma)) && d.Sigma[keep]*n > 1e-12*p.total {
		keep++
	}
	d = d.Top(keep)
	p.Axes, p.Mean, p.seen = positive(d.V.T()), mean, n
	for _, v := range d.Sigma {
		p.Sigma = append(p.Sigma, math.Sqrt(v*n))
	}
	return p, nil
}
