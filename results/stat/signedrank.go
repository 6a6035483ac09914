package stat

import "math"

// Zeros says what the signed-rank test does with pairs that do not differ.
type Zeros int

// Treatments of zeros.
const (
	DropZeros  Zeros = iota // Wilcoxon 1945: as if they had not been drawn
	PrattZeros              // Pratt 1959: ranked with the others, then left out
	SplitZeros              // half of their ranks to either side
)

// SignedRank is Wilcoxon's signed-rank test of paired differences against symmetry around
// 0. The statistic is the smaller of the two rank sums, or for [Greater] that of the
// positive differences.
//
// The p-value is exact given the ranks, with ties and zeros: the distribution of the rank
// sum over all sign flips of the differences. It takes n² steps, so any number of seeds
// that one can pay for is exact. See [SignedRankNormal] for what most programs give from
// 50 pairs on.
func SignedRank(d []float64, zeros Zeros, side Side) Result {
	if hasNaN(d) {
		return nowhere
	}
	s := signedRanks(d, zeros)
	if side == Greater {
		return Result{s.plus, s.tail(s.plus)}
	}
	p := 2 * s.tail(max(s.plus, s.minus))
	return Result{min(s.plus, s.minus), min(1, p)}
}

// SignedRankNormal is the same test by the normal approximation, with the variance
// corrected for ties and, for Pratt's zeros, by Cureton (1967); continuity takes half a
// rank off the distance. NaN where nothing differs.
func SignedRankNormal(d []float64, zeros Zeros, side Side, continuity bool) Result {
	if hasNaN(d) {
		return nowhere
	}
	s := signedRanks(d, zeros)
	z := (s.plus - s.mean) / s.sd
	if continuity {
		sign := 1.0
		if side == TwoSided {
			sign = math.Copysign(1, z)
			if z == 0 {
				sign = 0
			}
		}
		z -= sign * 0.5 / s.sd
	}
	statistic := min(s.plus, s.minus)
	if side == Greater {
		statistic = s.plus
	}
	return Result{statistic, normalTail(z, side)}
}

// rankSums is what the differences' ranks come to.
type rankSums struct {
	plus, minus float64
	free        []float64 // ranks whose sign is free under the null: those of non-zero differences
	fixed       float64   // what zeros add to the sum whatever the signs
	mean, sd    float64   // of plus, for the normal approximation
}

func signedRanks(d []float64, zeros Zeros) rankSums {
	var kept, size []float64
	none := 0.0
	for _, x := range d {
		if x == 0 {
			none++
			if zeros == DropZeros {
				continue
			}
		}
		kept, size = append(kept, x), append(size, math.Abs(x))
	}
	rank, groups := ranks(size)
	var s rankSums
	for i, x := range kept {
		switch {
		case x > 0:
			s.plus += rank[i]
		case x < 0:
			s.minus += rank[i]
		case zeros == SplitZeros:
			s.fixed += rank[i] / 2
		}
		if x != 0 {
			s.free = append(s.free, rank[i])
		}
	}
	s.plus, s.minus = s.plus+s.fixed, s.minus+s.fixed
	n := float64(len(kept))
	s.mean = float64(n*(n+1)) / 4
	variance := float64(n * (n + 1) * (2*n + 1))
	if zeros == PrattZeros && none > 0 {
		s.mean -= float64(none*(none+1)) / 4
		variance -= float64(none * (none + 1) * (2*none + 1))
		groups = groups[1:] // the zeros' own: the smallest
	}
	s.sd = math.Sqrt((variance - tieCube(groups)/2) / 24)
	return s
}

// tail is the probability that the sum of the positive ranks is at least so large, when
// every sign is a fair coin. Ranks are halves, so twice the sum is a whole number.
func (s rankSums) tail(sum float64) float64 {
	most := 0
	for _, r := range s.free {
		most += int(2 * r)
	}
	share := make([]float64, most+1) // of sign patterns with that doubled sum
	share[0] = 1
	reach := 0
	for _, r := range s.free {
		w := int(2 * r)
		reach += w
		for k := reach; k >= 0; k-- {
			share[k] /= 2
			if k >= w {
				share[k] += share[k-w] / 2
			}
		}
	}
	p := 0.0
	for k := most; k >= max(0, int(2*(sum-s.fixed))); k-- {
		p += share[k]
	}
	return p
}
