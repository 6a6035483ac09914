package stat

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Unit is one client or query of a seed: its difference and what stands behind it, such as
// its examples.
type Unit struct {
	Value, Weight float64
	Name          string // of one that other seeds may have too, as a question of the test; "": the seed's own
}

// Hierarchy is differences on two levels: a list of units for each seed. A list of one
// unit is a seed whose inner spread is not known.
type Hierarchy [][]Unit

// Flat makes a hierarchy of one number per seed.
func Flat(d []float64) Hierarchy {
	h := make(Hierarchy, len(d))
	for i, x := range d {
		h[i] = []Unit{{Value: x, Weight: 1}}
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

// Crossed says whether every seed has the same units by name, each once: one set of questions
// that was put at every seed. A question that happens to be easy is then so at all of them, and
// eight seeds are no eight samples of questions.
func (h Hierarchy) Crossed() bool {
	if len(h) == 0 || len(h[0]) < 2 {
		return false
	}
	seen := map[string]bool{}
	for _, u := range h[0] {
		if u.Name == "" || seen[u.Name] {
			return false
		}
		seen[u.Name] = true
	}
	same := func(u, v Unit) bool { return u.Name == v.Name }
	return !slices.ContainsFunc(h[1:], func(units []Unit) bool { return !slices.EqualFunc(units, h[0], same) })
}

// Resample draws seeds with replacement, and units with replacement, and takes the statistic
// (mean, median) of the seeds' means: both what another seed would change and what other
// clients or queries would. Units are drawn anew within each drawn seed, or, where they are
// crossed with seeds, once for all of them. The jackknife leaves out whole seeds, which are
// what is independent. Fewer than two seeds are an error.
func (h Hierarchy) Resample(times int, key rng.Key, statistic func([]float64) float64) (Bootstrap, error) {
	if len(h) < 2 {
		return Bootstrap{}, fmt.Errorf("bootstrap: %d seeds; needs at least 2", len(h))
	}
	s := key.Stream()
	seeds := h.Seeds()
	drawn := make([]float64, len(h))
	resampled := make([]float64, times)
	var common []int // the units of all seeds in this resample
	if h.Crossed() {
		common = make([]int, len(h[0]))
	}
	for b := range resampled {
		for i := range common {
			common[i] = s.IntN(len(common))
		}
		for i := range drawn {
			k := s.IntN(len(h))
			switch {
			case common != nil:
				drawn[i] = chosen(h[k], func(j int) int { return common[j] })
			case len(h[k]) > 1:
				drawn[i] = chosen(h[k], func(int) int { return s.IntN(len(h[k])) })
			default:
				drawn[i] = seeds[k]
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

// chosen is the weighted mean of as many units as there are, those at the places that at names in
// turn.
func chosen(units []Unit, at func(j int) int) float64 {
	sum, weight := 0.0, 0.0
	for j := range units {
		u := units[at(j)]
		sum += float64(u.Value * u.Weight)
		weight += u.Weight
	}
	return sum / weight
}
