package routing

import "github.com/loramesh/loramesh/plugins/method"

// Sequential trains one adapter on task after task, with nothing to hold it: what forgetting
// is measured against.
func Sequential() method.Method {
	return shared{
		card:   card("sequential", "One adapter, trained on task after task", ""),
		lesson: func(r method.PlanRequest, _ memory) lesson { return lesson{on: r.Start} },
	}
}
