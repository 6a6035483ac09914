package plan

import "github.com/loramesh/loramesh/sim/scenario"

// Again makes a trial of a document in which nothing varies: the resolved text of a trial
// that was planned before under these names.
func Again(doc *scenario.Document, index int, name, arm string, settings []scenario.Setting) (Trial, []scenario.Problem) {
	s, problems := doc.Scenario()
	if len(problems) > 0 {
		return Trial{}, problems
	}
	return Trial{Index: index, Seed: s.Seed, Scenario: s, Document: doc, Name: name, Arm: arm, Settings: settings, Hash: hashOf(s)}, nil
}
