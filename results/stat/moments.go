package stat

import (
	"math"
	"slices"
)

// Mean is the arithmetic mean, summed in order; NaN of nothing.
func Mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

// Median is the middle value, or the mean of the two in the middle; NaN of nothing, and
// where a value is NaN.
func Median(xs []float64) float64 {
	if len(xs) == 0 || hasNaN(xs) {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	return Quantile(s, 0.5)
}

// Quantile interpolates linearly between sorted values, at place q·(n−1): type 7 of
// Hyndman and Fan (1996), the default of NumPy and R. NaN of nothing, and of q NaN.
func Quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 || math.IsNaN(q) {
		return math.NaN()
	}
	place := float64(q * float64(len(sorted)-1))
	low := min(max(int(math.Floor(place)), 0), len(sorted)-1)
	high := min(low+1, len(sorted)-1)
	part := place - float64(low)
	if part == 0 || sorted[low] == sorted[high] {
		return sorted[low]
	}
	return sorted[low] + float64(part*(sorted[high]-sorted[low]))
}

// SD is the sample standard deviation (n−1 below the line), in two passes; NaN below two
// values.
func SD(xs []float64) float64 {
	if len(xs) < 2 {
		return math.NaN()
	}
	return math.Sqrt(squares(xs) / float64(len(xs)-1))
}

// squares is the sum of squared distances from the mean.
func squares(xs []float64) float64 {
	mean, sum := Mean(xs), 0.0
	for _, x := range xs {
		d := x - mean
		sum += float64(d * d)
	}
	return sum
}

func hasNaN(xs []float64) bool { return slices.ContainsFunc(xs, math.IsNaN) }

// ranks gives each value its rank from 1 on, equal values the mean of theirs, and the
// sizes of the groups of equal values, smallest value first.
func ranks(xs []float64) (rank []float64, groups []int) {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case xs[i] < xs[j]:
			return -1
		case xs[i] > xs[j]:
			return 1
		}
		return 0
	})
	rank = make([]float64, len(xs))
	for at := 0; at < len(order); {
		n := at + 1
		for n < len(order) && xs[order[n]] == xs[order[at]] { // NaN equals nothing
			n++
		}
		for _, i := range order[at:n] {
			rank[i] = float64(at+1+n) / 2
		}
		groups = append(groups, n-at)
		at = n
	}
	return rank, groups
}

// tieCube is Σ (t³ − t) over groups of equal values: what ties take from a variance of
// ranks.
func tieCube(groups []int) float64 {
	sum := 0.0
	for _, g := range groups {
		t := float64(g)
		sum += float64(t*t*t) - t
	}
	return sum
}
