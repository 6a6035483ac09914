package factor

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
)

// EffectiveRank is exp(−Σ q ln q) with q = σ/Σσ (Roy and Vetterli 2007): how many singular
// values carry an update, as if they were equal. 0 of a matrix of noughts, which has none
// and is to be left out of means.
func EffectiveRank(sigma []float64) float64 {
	sum, entropy := 0.0, 0.0
	for _, s := range sigma {
		sum += s
	}
	if sum == 0 {
		return 0
	}
	for _, s := range sigma {
		if q := s / sum; q > 0 {
			entropy -= float64(q * math.Log(q))
		}
	}
	return math.Exp(entropy)
}

// StableRank is ‖D‖_F²/σ₁²: the same, with large values counting more. Singular values are
// sorted, largest first. 0 of a matrix of noughts.
func StableRank(sigma []float64) float64 {
	if len(sigma) == 0 || sigma[0] == 0 {
		return 0
	}
	sum := 0.0
	for _, s := range sigma {
		r := s / sigma[0]
		sum += float64(r * r)
	}
	return sum
}

// Overlap is ‖U_aᵀU_b‖_F²/k for the first k columns of two orthonormal bases: 1 where they
// span the same subspace, 0 where they share no direction, k/rows by chance. It panics
// where the bases are not of one length, or have fewer than k columns.
func Overlap(a, b linalg.Dense, k int) float64 {
	if a.Rows != b.Rows || k < 1 || k > a.Cols || k > b.Cols {
		panic(fmt.Sprintf("factor: the overlap of %d directions of bases %d×%d and %d×%d", k, a.Rows, a.Cols, b.Rows, b.Cols))
	}
	sum := 0.0
	for i := range k {
		for j := range k {
			dot := 0.0
			for row := range a.Rows {
				dot += float64(a.Data[row*a.Cols+i] * b.Data[row*b.Cols+j])
			}
			sum += float64(dot * dot)
		}
	}
	return sum / float64(k)
}
