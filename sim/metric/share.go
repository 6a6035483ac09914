package metric

import (
	"math"
	"slices"
)

// Shares describes how a number is spread over participants. Of none, and where one is
// NaN, all are NaN.
type Shares struct {
	Jain  float64 // (Σx)²/(n Σx²): 1 is all alike, 1/n all with one; NaN if all are 0
	Gini  float64 // Σ|x_i − x_j|/(2n Σx): 0 is all alike; NaN if the sum is 0, without meaning for negatives
	CV    float64 // standard deviation (n below the line) over the mean; NaN if that is 0
	Worst float64 // mean of the ⌈n/10⌉ smallest: the worst 10 %, where more is better
	Best  float64 // mean of the ⌈n/10⌉ largest: the worst 10 %, where less is better
}

// SharesOf computes them.
func SharesOf(xs []float64) Shares {
	nan := math.NaN()
	s := Shares{nan, nan, nan, nan, nan}
	if len(xs) == 0 || slices.ContainsFunc(xs, math.IsNaN) {
		return s
	}
	sorted := slices.Sorted(slices.Values(xs))
	n := float64(len(sorted))
	var sum, squares, ranked float64
	for i, x := range sorted {
		sum += x
		squares += float64(x * x)
		ranked += float64(float64(i+1) * x)
	}
	if squares > 0 {
		s.Jain = float64(sum*sum) / float64(n*squares)
	}
	if sum != 0 {
		s.Gini = 2*ranked/float64(n*sum) - (n+1)/n
		mean, variance := sum/n, 0.0
		for _, x := range sorted {
			d := x - mean
			variance += float64(d * d)
		}
		s.CV = math.Sqrt(variance/n) / mean
	}
	tenth := (len(sorted) + 9) / 10
	at := func(i int) float64 { return sorted[i] }
	s.Worst = mean(0, tenth, at)
	s.Best = mean(len(sorted)-tenth, len(sorted), at)
	return s
}

// shareOf turns scores in nats into shares that sum to 1.
func shareOf(nats []float64) []float64 {
	if len(nats) == 0 {
		return nil
	}
	top, sum := slices.Max(nats), 0.0
	out := make([]float64, len(nats))
	for i, x := range nats {
		out[i] = math.Exp(x - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
