package routing

import "github.com/loramesh/loramesh/plugins/method"

// Replay trains one adapter on each task and on what is granted of the past: with the grant
// `data-of-past-stages: 200`, a memory of 200 examples in all.
func Replay() method.Method {
	c := card("replay", "One adapter, trained on each task beside a memory of the past",
		"Chaudhry et al., On Tiny Episodic Memories in Continual Learning, 2019")
	c.Needs = []method.Need{method.NeedPast}
	return shared{
		card:   c,
		lesson: func(r method.PlanRequest, _ memory) lesson { return lesson{on: r.Start, data: seen} },
	}
}
