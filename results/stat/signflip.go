package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// FlipMost is the largest number of differences whose sign patterns are all tried: 2²⁰
// are a million sums.
const FlipMost = 20

// SignFlip is Fisher's randomisation test of paired differences: the statistic is their
// mean, the p-value the share of all 2ⁿ sign patterns whose mean is at least as far out
// (twice the smaller tail). It assumes nothing but that the arms are exchangeable within a
// seed, and uses the sizes, unlike the sign test. With n seeds p is never below 2/2ⁿ: 5
// seeds cannot go below 0.0625.
//
// Above [FlipMost] differences it is an error; [SignedRank] is exact for more.
func SignFlip(d []float64) (Result, error) {
	if len(d) == 0 || len(d) > FlipMost {
		return nowhere, fmt.Errorf("sign flips: %d differences; needs 1 to %d", len(d), FlipMost)
	}
	if hasNaN(d) {
		return nowhere, nil
	}
	observed, size := 0.0, 0.0
	for _, x := range d {
		observed += x
		size += math.Abs(x)
	}
	// Patterns whose sum differs from the observed by rounding alone count as equal to it.
	slack := 1e-13 * size
	above, below := 0, 0
	var try func(sum float64, rest []float64)
	try = func(sum float64, rest []float64) {
		if len(rest) > 0 {
			try(sum+rest[0], rest[1:])
			try(sum-rest[0], rest[1:])
			return
		}
		if sum >= observed-slack {
			above++
		}
		if sum <= observed+slack {
			below++
		}
	}
	try(0, d)
	p := 2 * float64(min(above, below)) / math.Exp2(float64(len(d)))
	return Result{Mean(d), min(1, p)}, nil
}

// SignTest is the two-sided binomial test of how many differences are positive among
// those that are not 0. That none is, is an error; NaN gives NaN.
func SignTest(d []float64) (p float64, err error) {
	if hasNaN(d) {
		return math.NaN(), nil
	}
	up, n := 0, 0
	for _, x := range d {
		if x > 0 {
			up++
		}
		if x != 0 {
			n++
		}
	}
	if n == 0 {
		return math.NaN(), fmt.Errorf("sign test: %d differences, all 0 or none; needs one that is not 0", len(d))
	}
	k := max(up, n-up)
	// P(X ≥ k) for n fair coins, by the incomplete beta function.
	return min(1, 2*mathext.RegIncBeta(float64(k), float64(n-k)+1, 0.5)), nil
}
