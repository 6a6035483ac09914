package world

import (
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Room is what is left of a participant's memory beside the weights and what a recipe trains;
// see [coordinator.World]. Activations depend on the batch and are left out.
func (w *World) Room(id method.ID, r method.Recipe) float64 {
	if id.Pool == coordinator.EvaluationPool {
		return math.Inf(1)
	}
	_, d := w.home(id).lot(id.Index)
	name, trained := "", 0
	switch r := r.(type) {
	case method.Fit:
		name = r.Model.Base
		if b, err := w.Base(name); err == nil {
			trained = w.adapterParams(b, r) + w.weightParams(b, r)
		}
	case method.Score:
		name = r.Model.Base
	case method.Probe:
		name = r.Model.Base
	case method.Sample:
		name = r.Model.Base
	}
	b, err := w.Base(name)
	if err != nil {
		return room(d) // the trainer refuses what it names
	}
	return room(d) - float64(w.leaseBytes(b, trained))
}

// leaseBytes is the least that training so many numbers takes on a device: the weights, and
// value, gradient and two moments of what is trained, all in float32.
func (w *World) leaseBytes(b *base.Base, trained int) int64 {
	return 4*int64(w.params(b)) + 16*int64(trained)
}
