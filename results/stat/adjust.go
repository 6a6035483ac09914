package stat

import (
	"math"
	"slices"
)

// Adjustment makes p-values of one table fit to be read together.
type Adjustment int

// Adjustments.
const (
	Holm               Adjustment = iota // keeps the chance of one false rejection below α; needs no independence
	Bonferroni                           // the same, with less power
	BenjaminiHochberg                    // keeps the share of false rejections below α, for independent or positively dependent tests
	BenjaminiYekutieli                   // the same under any dependence
)

// Adjust gives each p-value its adjusted one: reject where that is at most α. Values that
// are NaN stay so, and count as tests; under the two step-up rules they make all others
// NaN, since what lies above decides what lies below.
func Adjust(p []float64, how Adjustment) []float64 {
	m := len(p)
	order := make([]int, m)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case math.IsNaN(p[i]) || math.IsNaN(p[j]):
			return b2i(math.IsNaN(p[i])) - b2i(math.IsNaN(p[j]))
		case p[i] < p[j]:
			return -1
		case p[i] > p[j]:
			return 1
		}
		return 0
	})
	out := make([]float64, m)
	harmonic := 1.0
	if how == BenjaminiYekutieli {
		harmonic = 0
		for i := range m {
			harmonic += 1 / float64(i+1)
		}
	}
	switch how {
	case Bonferroni:
		for i, x := range p {
			out[i] = min(1, float64(m)*x)
		}
	case Holm:
		worst := 0.0
		for k, i := range order {
			worst = max(worst, min(1, float64(m-k)*p[i]))
			out[i] = worst
		}
	default:
		best := 1.0
		for k, i := range slices.Backward(order) {
			best = min(best, harmonic*float64(m)/float64(k+1)*p[i])
			out[i] = best
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
