package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Tap is told what enters modules on the way forward: x has a row for each of the batch's
// places from row at on, and is the Runner's memory, good until the call returns. Large
// batches come in several calls, in order.
type Tap func(module string, at int, x kernel.Matrix)

// TapInputs has tap told of what enters some modules, until [Runner.Use] is called. A module
// outside the blocks is an error: the embedding has no input but a token, and the head is
// not part of a forward pass.
func (r *Runner) TapInputs(modules []string, tap Tap) error {
	by := make([][]string, len(r.model.linears))
	for _, name := range modules {
		m, err := r.model.locate(name)
		if err != nil {
			return err
		}
		if m.linear == nil || m.linear == r.model.head {
			return fmt.Errorf("module %q stands outside the blocks: what enters it cannot be measured", name)
		}
		by[m.linear.id] = append(by[m.linear.id], name)
	}
	r.taps = &taps{by, tap}
	return nil
}

// taps are the modules that somebody listens at, by linear.
type taps struct {
	modules [][]string
	tell    Tap
}

// tapped tells of what enters a linear, if anybody listens there.
func (t *taps) tapped(m *linear, at int, x kernel.Matrix) {
	if t == nil {
		return
	}
	for _, name := range t.modules[m.id] {
		t.tell(name, at, x)
	}
}
