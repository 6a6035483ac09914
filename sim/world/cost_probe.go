package world

import "github.com/loramesh/loramesh/plugins/method"

// probeFlops is the nominal work of a probe: a forward pass for each statistic, and a way
// back as well for those that need gradients. The moment of a module's inputs takes 2·in² a
// token, the gradient of its weight 2·out·in.
func (w *World) probeFlops(stage int, id method.ID, p method.Probe) float64 {
	l, ok := w.load(stage, id, p.Model.Base, p.Data)
	if !ok {
		return 0
	}
	total := 0.0
	for _, s := range p.What {
		total += l.forward()
		switch s := s.(type) {
		case method.Input:
			if !s.Second {
				continue
			}
			for _, m := range w.modules(l.base, s.Modules) {
				total += float64(float64(2*m.In*m.In) * l.tokens)
			}
		case method.Gradient:
			total += l.forward()
			for _, m := range w.modules(l.base, s.Modules) {
				total += float64(float64(2*m.Out*m.In) * l.tokens)
			}
		case method.Fisher:
			total += l.forward()
		}
	}
	return total
}
