package report

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// roundTicks marks an axis at round numbers, about five of them, each written with as many
// digits as tell it from its neighbours.
type roundTicks struct {
	whole bool // no step below 1
}

// Ticks is called by the drawing library with the ends of the axis.
func (r roundTicks) Ticks(low, high float64) []plot.Tick {
	step := stepFor((high - low) / 5)
	if r.whole {
		step = max(1, math.Round(step))
	}
	digits := 0
	if step < 1 {
		digits = int(math.Ceil(-math.Log10(step) - 1e-9))
		if scaled := float64(step * math.Pow(10, float64(digits))); math.Abs(scaled-math.Round(scaled)) > 1e-6 {
			digits++ // 0.25 needs one more than 0.2
		}
	}
	var out []plot.Tick
	for k := math.Ceil(low/step - 1e-9); float64(k*step) <= high+float64(1e-9*step); k++ {
		x := float64(k*step) + 0 // no minus at nought
		out = append(out, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'f', digits, 64)})
	}
	return out
}

// stepFor is the first of 1, 2, 2.5, 5 times a power of ten that is not below the wish.
func stepFor(wish float64) float64 {
	if wish <= 0 || math.IsInf(wish, 0) || math.IsNaN(wish) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(wish)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if float64(m*power) >= float64(wish*(1-1e-9)) {
			return m * power
		}
	}
	return 10 * power
}
