package nn

import (
	"fmt"
	"math"
)

// Schedule is the learning rate over time, as a multiple of the peak.
type Schedule struct {
	Name   string // "constant", "linear" (down to 0), "cosine" (half a wave, down to 0)
	Warmup int    // updates over which the rate rises linearly
	Total  int    // updates until it is 0; later ones stay there. Unused by "constant"
	// FromZero makes the first update of a warm-up have rate 0 and update Warmup the
	// peak, as the schedules of Transformers do. Otherwise no update is wasted: the first
	// has 1/Warmup, the last of the warm-up already the peak. After the warm-up both are
	// the same.
	FromZero bool
}

// Check refuses what has no meaning.
func (s Schedule) Check() error {
	switch s.Name {
	case "constant", "linear", "cosine":
	default:
		return fmt.Errorf("schedule %q is unknown; expected constant, linear or cosine", s.Name)
	}
	if s.Warmup < 0 {
		return fmt.Errorf("schedule %s: warm-up of %d updates; expected 0 or more", s.Name, s.Warmup)
	}
	if s.Name != "constant" && s.Total < 1 {
		return fmt.Errorf("schedule %s over %d updates; expected at least 1", s.Name, s.Total)
	}
	return nil
}

// Rate is the multiple of the peak rate at update 0, 1, 2 ….
func (s Schedule) Rate(update int) float64 {
	if update < s.Warmup {
		if s.FromZero {
			return float64(update) / float64(s.Warmup)
		}
		return float64(update+1) / float64(s.Warmup)
	}
	done := float64(update-s.Warmup) / float64(max(1, s.Total-s.Warmup))
	switch s.Name {
	case "constant":
		return 1
	case "linear":
		return max(0, 1-done)
	case "cosine":
		if done >= 1 {
			return 0
		}
		return 0.5 * (1 + math.Cos(math.Pi*done))
	}
	panic("nn: " + s.Check().Error())
}
