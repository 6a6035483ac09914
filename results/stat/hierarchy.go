package stat

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Unit is one client or query of a seed: its difference and what stands behind it, such as
// its examples.
type Unit struct{ Value, Weight float64 }

// Hierarchy is differences on two levels: a list of units for each seed. A list of one
// unit is a seed whose inner spread is not known.
type Hierarchy [][]Unit

// Flat makes a hierarchy of one number per seed.
func Flat(d []float64) Hierarchy {
	h := make(Hierarchy, len(d))
	for i, x := range d {
		h[i] = []Unit{{x, 1}}
	}
	return h
}

// Seeds is each seed's weighted mean over its units.
func (h Hierarchy) Seeds() []float64 {
	out := make([]float64, len(h))
	for i, units := range h {
		out[i] = weighted(units)
	}
	return out
}

// Nested says whether some seed has more than one unit.
func (h Hierarchy) Nested() bool {
	return slices.ContainsFunc(h, func(units []Unit) bool { return len(units) > 1 })
}

func weighted(units []Unit) float64 {
	sum, weight := 0.0, 0.0
	for _, u := range units {
		sum += float64(u.Value * u.Weight)
		weight += u.Weight
	}
	return sum / weight
}

// Resample draws seeds with replacement, and within each drawn seed its units with
// replacement, and takes the statistic (mean, median) of the seeds' means: both what
// another seed would change and what other clients would. The jackknife leaves out whole
// seeds, which are what is independent. Fewer than two seeds are an error.
func (h Hierarchy) Resample(times int, key rng.Key, statistic func([]float64) float64) (Bootstrap, error) {
	if len(h) < 2 {
		return Bootstrap{}, fmt.Errorf("bootstrap: %d seeds; needs at least 2", len(h))
	}
	s := key.Stream()
	seeds := h.Seeds()
	drawn := make([]float64, len(h))
	resampled := make([]float64, times)
	for b := range resampled {
		for i := range drawn {
			k := s.IntN(len(h))
			drawn[i] = seeds[k]
			if n := len(h[k]); n > 1 {
				drawn[i] = drawUnits(h[k], s)
			}
		}
		resampled[b] = statistic(drawn)
	}
	without := make([]float64, len(h))
	for i := range without {
		without[i] = statistic(slices.Delete(slices.Clone(seeds), i, i+1))
	}
	return NewBootstrap(statistic(seeds), resampled, without)
}

func drawUnits(units []Unit, s *rng.Stream) float64 {
	sum, weight := 0.0, 0.0
	for range units {
		u := units[s.IntN(len(units))]
		sum += float64(u.Value * u.Weight)
		weight += u.Weight
	}
	return sum / weight
}
