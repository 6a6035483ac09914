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

// Lease is what a lease needs of its device.
type Lease struct {
	// Memory is the weights, frozen adapters that run beside them or that training is held to, and
	// value, gradient and two moments of what is trained, in bytes. Activations are left out.
	Memory int64
	Whom   method.ID // whose lease that is
	Room   float64   // bytes that its device has; +Inf: no bound
}

// Over says that the device cannot hold it.
func (l Lease) Over() bool { return float64(l.Memory) > l.Room }

// Worse is the one of two that is to be told: one that its device cannot hold before one that it
// can, then the one that needs more; of equals the first.
func (l Lease) Worse(other Lease) Lease {
	if other.Over() && !l.Over() || other.Over() == l.Over() && other.Memory > l.Memory {
		return other
	}
	return l
}
