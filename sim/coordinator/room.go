package coordinator

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/plugins/method"
)

// beside lists the blobs that lie in memory as they are while a recipe is carried out: adapters
// and keys beside the weights, teachers, and what terms hold to. What is merged becomes part
// of the weights, and where training begins is counted as what is trained.
func beside(r method.Recipe) []method.Blob {
	model, _ := ModelOf(r)
	fit, _ := r.(method.Fit)
	return method.BlobsIn(struct {
		Model     method.Model
		Objective []method.Term
	}{unmerged(model), fit.Objective})
}

// unmerged is a model without what is added into its weights.
func unmerged(m method.Model) method.Model {
	var kept []method.Attach
	for _, a := range m.Attach {
		if !a.Merge {
			kept = append(kept, a)
		}
	}
	m.Attach = kept
	return m
}

// roomy refuses work for which a participant's device has no memory: numbers take four bytes
// each there, however few they travelled in.
func (m *Machine) roomy(id method.ID, f *form) error {
	if len(f.beside) == 0 {
		return nil
	}
	left := m.world.Room(id, f.given[0].Recipe)
	if math.IsInf(left, 1) {
		return nil // nobody asks how large they are
	}
	total := int64(0)
	for _, b := range f.beside {
		x, err := m.look(b, m.contents)
		if err != nil {
			return err
		}
		total += 4 * x.numbers
	}
	if float64(total) > left {
		return fmt.Errorf("%d frozen adapters, keys and the like beside the weights take %.3g MB, and its device has %.3g MB left beside the weights and what is trained: lower the rank, let fewer stand beside each other, or give its class more `memory`",
			len(f.beside), float64(total)/1e6, max(left, 0)/1e6)
	}
	return nil
}
