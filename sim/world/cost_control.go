package world

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// What an update does with each number that a control steers, and what is done once in the end:
// the correction is added to the gradient, a difference, a product and a sum say what the term
// is worth; the correction itself is a difference, and the control is renewed by four more.
const (
	steering = 4
	renewing = 5
)

// controlFlops is the work of SCAFFOLD's corrections in a Fit of so many updates.
func (w *World) controlFlops(b *base.Base, f method.Fit, updates int) float64 {
	return float64(w.steered(b, f)) * float64(steering*updates+renewing)
}

// steered counts the numbers that controls of a Fit are of: the whole of what is trained, or
// one factor of it. A control is as long, up and down.
func (w *World) steered(b *base.Base, f method.Fit) (n int) {
	for _, t := range f.Objective {
		c, is := t.Loss.(method.Control)
		if !is || t.Weight == 0 {
			continue
		}
		name, factor, single := method.Factor(c.Of)
		for _, p := range f.Train {
			switch p := p.(type) {
			case method.Weights:
				if p.Name == c.Of {
					n += w.sizeOf(b, p)
				}
			case method.LoRA:
				if p.Name != c.Of && (!single || p.Name != name) {
					continue
				}
				for _, m := range w.modules(b, p.Modules) {
					side := m.Out + m.In
					switch {
					case single && factor == "A":
						side = m.In
					case single:
						side = m.Out
					}
					n += side * min(p.Rank, m.Out, m.In)
				}
			}
		}
	}
	return n
}
