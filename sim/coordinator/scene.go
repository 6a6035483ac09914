package coordinator

import "github.com/loramesh/loramesh/plugins/method"

// scene is what the present member may know in a call of the given kind. All of it but the
// store is the method's to keep.
func (m *Machine) scene(call string) method.Scene {
	s := copied(method.Scene{
		Params: m.member().Params, Round: m.place.round, Now: m.now, Stage: m.sight(),
		Bases: m.fixed.Bases, Start: m.start,
		Seed:  m.fixed.Shared("method", m.place.member, m.place.round, call),
		State: m.standing().state, Init: m.inits(),
	})
	s.Blobs = m.blobs
	return s
}

// sight is the stage as the present member sees it.
func (m *Machine) sight() method.Stage {
	s := m.stage()
	return method.Stage{Name: s.Name, Index: m.place.stage, Count: len(m.fixed.Stages),
		Round: m.place.local, Rounds: m.member().Rounds, Labels: s.Labels}
}
