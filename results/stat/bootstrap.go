package stat

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Interval is a confidence interval. NaN on both sides: the data do not give one.
type Interval struct{ Low, High float64 }

// Has says whether a value lies within.
func (i Interval) Has(x float64) bool { return i.Low <= x && x <= i.High }

// Bootstrap is what resampling says about one statistic.
type Bootstrap struct {
	Value        float64   // of the data as they are
	Resampled    []float64 // of each resample
	Bias         float64   // z₀: how far the median of resamples is from Value, in normal deviations
	Acceleration float64   // how the statistic's spread changes with its value
}

// NewBootstrap takes a statistic's value, its values on resamples, and its values on the
// data without each unit in turn (the jackknife), from which acceleration follows. Fewer
// than two units are an error.
func NewBootstrap(value float64, resampled, without []float64) (Bootstrap, error) {
	if len(without) < 2 || len(resampled) == 0 {
		return Bootstrap{}, fmt.Errorf("bootstrap: %d units and %d resamples; needs at least 2 units and 1 resample", len(without), len(resampled))
	}
	below, equal := 0.0, 0.0
	for _, v := range resampled {
		switch {
		case v < value:
			below++
		case v == value:
			equal++
		}
	}
	b := Bootstrap{Value: value, Resampled: slices.Sorted(slices.Values(resampled))}
	b.Bias = NormalQuantile((below + equal/2) / float64(len(resampled)))
	mean, cubes, squares := Mean(without), 0.0, 0.0
	for _, w := range without {
		d := mean - w
		squares += float64(d * d)
		cubes += float64(d * d * d)
	}
	b.Acceleration = cubes / (6 * math.Pow(squares, 1.5))
	return b, nil
}

// BCa is the bias-corrected and accelerated interval of Efron (1987), at quantiles
// Φ(z₀ + (z₀+z)/(1 − a(z₀+z))) of the resamples. Constant data give NaN.
func (b Bootstrap) BCa(confidence float64) Interval {
	low, high := b.Levels(confidence)
	return Interval{Quantile(b.Resampled, low), Quantile(b.Resampled, high)}
}

// Levels are the two quantiles that [Bootstrap.BCa] takes.
func (b Bootstrap) Levels(confidence float64) (low, high float64) {
	level := func(p float64) float64 {
		z := b.Bias + NormalQuantile(p)
		return distuv.UnitNormal.CDF(b.Bias + z/(1-float64(b.Acceleration*z)))
	}
	return level((1 - confidence) / 2), level((1 + confidence) / 2)
}

// Percentile is the plain interval between quantiles of the resamples.
func (b Bootstrap) Percentile(confidence float64) Interval {
	return Interval{Quantile(b.Resampled, (1-confidence)/2), Quantile(b.Resampled, (1+confidence)/2)}
}

// Basic is the percentile interval mirrored at the value.
func (b Bootstrap) Basic(confidence float64) Interval {
	p := b.Percentile(confidence)
	return Interval{2*b.Value - p.High, 2*b.Value - p.Low}
}

// Resample draws units with replacement, as many as there are, and takes the statistic of
// each draw; the units are numbers 0 … n−1. Draws come from the key's stream.
func Resample(n, times int, key rng.Key, statistic func(units []int) float64) (Bootstrap, error) {
	if n < 2 {
		return Bootstrap{}, fmt.Errorf("bootstrap: %d units; needs at least 2", n)
	}
	s := key.Stream()
	units := make([]int, n)
	resampled := make([]float64, times)
	for b := range resampled {
		for i := range units {
			units[i] = s.IntN(n)
		}
		resampled[b] = statistic(units)
	}
	for i := range units {
		units[i] = i
	}
	value := statistic(units)
	without := make([]float64, n)
	for i := range without {
		without[i] = statistic(slices.Delete(slices.Clone(units), i, i+1))
	}
	return NewBootstrap(value, resampled, without)
}

// NormalQuantile is the value that a standard normal one stays below with probability p.
func NormalQuantile(p float64) float64 {
	switch {
	case p <= 0:
		return math.Inf(-1)
	case p >= 1:
		return math.Inf(1)
	case math.IsNaN(p):
		return p
	}
	return distuv.UnitNormal.Quantile(p)
}
