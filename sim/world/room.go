package world

import (
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Room is what is left of a participant's memory beside the weights and what a recipe trains;
// see [coordinator.World].
func (w *World) Room(id method.ID, r method.Recipe) float64 {
	if id.Pool == coordinator.EvaluationPool {
		return math.Inf(1)
	}
	_, d := w.home(id).lot(id.Index)
	model, _ := coordinator.ModelOf(r)
	b, err := w.Base(model.Base)
	if math.IsInf(room(d), 1) || err != nil {
		return room(d) // the trainer refuses a base that is not there
	}
	trained := 0
	if fit, ok := r.(method.Fit); ok {
		trained = w.adapterParams(b, fit) + w.weightParams(b, fit)
	}
	return room(d) - float64(trainingBytes(w.params(b), trained))
}

// trainingBytes is the least that training takes on a device: so many weights, and value, gradient
// and two moments of each number that is trained, all in float32. Activations depend on the batch
// and are left out.
func trainingBytes(params, trained int) int64 { return 4*int64(params) + 16*int64(trained) }
