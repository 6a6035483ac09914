package coordinator

import "github.com/loramesh/loramesh/plugins/method"

// scene is what the present member may know in a call of the given kind, the store apart.
func (m *Machine) scene(call string) method.Scene {
	return method.Scene{
		Params: m.member().Params, Round: m.place.round, Now: m.now, Stage: m.sight(),
		Bases: m.fixed.Bases, Start: m.start,
		Seed:  m.fixed.Shared("method", m.place.member, m.place.round, call),
		State: m.standing().state, Init: m.inits(),
	}
}

// given is a scene for the method itself. All of it but the store is its to keep.
func (m *Machine) given(s method.Scene) method.Scene {
	s = copied(s)
	s.Blobs = m.blobs
	return s
}

// sight is the stage as the present member sees it.
func (m *Machine) sight() method.Stage {
	s := m.stage()
	return method.Stage{Name: s.Name, Index: m.place.stage, Count: len(m.fixed.Stages),
		Round: m.place.local, Rounds: m.member().Rounds, Labels: s.Labels}
}
