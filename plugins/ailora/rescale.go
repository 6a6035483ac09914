package ailora

import (
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// rescaled gives LoRA the learning rates that AILoRA's start amounts to: the control for
// "the start is only a learning rate". The first step of AdamW moves every number of a
// factor by the rate, so that of s·B·A is as large as the other factor: it goes with
// √(‖A‖² + ‖B‖²), which is √(2Σσ/s) for a spectral start and about √(rank/3) for LoRA, whose
// B is 0. Their ratio, module by module, is the multiple.
func rescaled(r method.PlanRequest, part *method.LoRA, m *memory) error {
	if m.Rates == nil {
		weights, err := weightsOf(r.Scene, part.Modules)
		if err != nil {
			return err
		}
		for _, w := range weights {
			times, err := amounts(w, part.Rank, part.Scale, armOf("ailora"))
			if err != nil {
				return err
			}
			m.Rates = append(m.Rates, method.RateAt{Modules: w.module, Times: times})
		}
	}
	part.Rates = append(part.Rates, m.Rates...)
	return nil
}

// amounts is the multiple for one module; 1 where the arm begins as LoRA does.
func amounts(w weight, rank int, scale float64, a arm) (float64, error) {
	var init method.Init
	for _, at := range a.inits() {
		ok, err := linalg.Match(at.Modules, w.module)
		if err != nil {
			return 0, err
		}
		if ok {
			init = at.Init
			break
		}
	}
	s, ok := init.(method.Spectral)
	if !ok {
		return 1, nil
	}
	choose := start.Largest
	if s.Pick == "minor" {
		choose = start.Smallest
	}
	d, err := factor.Decompose(w.Dense)
	if err != nil {
		return 0, err
	}
	rank = min(rank, len(d.Sigma))
	var sum float64
	for _, i := range choose(len(d.Sigma), rank) {
		sum += d.Sigma[i]
	}
	return math.Sqrt(2 * sum / scale / (float64(rank) / 3)), nil
}
