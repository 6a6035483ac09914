package stat

import "math"

// SeedsMost is where [SeedsNeeded] stops counting.
const SeedsMost = 100_000

// SeedsNeeded is how many paired seeds a two-sided t-test at level alpha needs to find a
// mean difference of the given size with the given probability, when differences spread by
// sd: the least n with n ≥ ((t₁₋α/₂ + t_power)·sd/size)², both quantiles with n−1 degrees
// of freedom (Snedecor and Cochran). It is at least as many as make a p-value below alpha
// possible at all under sign flips, and at most [SeedsMost]; 0 where sd or size say
// nothing.
func SeedsNeeded(size, sd, alpha, power float64) int {
	size = math.Abs(size)
	if !(size > 0) || math.IsNaN(sd) || math.IsInf(size, 0) || math.IsInf(sd, 0) {
		return 0
	}
	// With normal quantiles, which are nearer to 0 than t's, n is never too large: a start.
	least := (NormalQuantile(1-alpha/2) + NormalQuantile(power)) * sd / size
	if float64(least*least) >= SeedsMost {
		return SeedsMost
	}
	for n := max(SeedsPossible(alpha), int(least*least)); n < SeedsMost; n++ {
		freedom := float64(n - 1)
		reach := (TQuantile(1-alpha/2, freedom) + TQuantile(power, freedom)) * sd / size
		if float64(n) >= float64(reach*reach) {
			return n
		}
	}
	return SeedsMost
}

// SeedsPossible is the least number of paired seeds with which an exact two-sided test can
// reach alpha: with n, no p-value lies below 2/2ⁿ.
func SeedsPossible(alpha float64) int {
	return max(2, 1+int(math.Ceil(math.Log2(1/alpha)-1e-9)))
}

// LeastP is the smallest two-sided p-value that n paired seeds can give exactly.
func LeastP(n int) float64 { return min(1, 2*math.Exp2(-float64(n))) }
