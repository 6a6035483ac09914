package coordinator

import (
	"bytes"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// inits is how the present member's factors are to begin: as the nearest member before it in
// the chain would have it, where the scenario says so. nil: as the member likes.
func (m *Machine) inits() []method.InitAt {
	if !m.member().FromChain {
		return nil
	}
	for _, before := range slices.Backward(m.chain[:m.place.member]) {
		if before.init != nil {
			return before.init
		}
	}
	return nil
}

// leaves takes what a member says about how others may begin, if it does.
func (m *Machine) leaves(init []method.InitAt) {
	if init != nil {
		m.standing().init = init
	}
}

// begins refuses a recipe whose adapters do not begin as the scenario says: a method that
// overlooks it would be taken for one that does.
func (m *Machine) begins(r method.Recipe) error {
	init := m.inits()
	fit, ok := r.(method.Fit)
	if !ok || init == nil {
		return nil
	}
	for _, part := range fit.Train {
		l, ok := part.(method.LoRA)
		if ok && (len(l.Init) < len(init) || !bytes.Equal(method.Canonical(l.Init[:len(init)]), method.Canonical(init))) {
			return blame("its part %q does not begin as the chain says, which the scenario asks for (init: {from: chain}); a method does that by Scene.Inits", l.Name)
		}
	}
	return nil
}
