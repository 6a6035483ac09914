package routing

import "github.com/loramesh/loramesh/plugins/method"

// Joint trains an adapter from scratch on the data of all tasks so far, whenever one arrives:
// the upper reference of continual learning, at a cost that grows with the square of the
// number of tasks. It needs the past's data.
func Joint() method.Method {
	c := card("joint", "One adapter from scratch on all data so far, whenever a task arrives", "")
	c.Needs = []method.Need{method.NeedPast}
	return shared{
		card: c,
		lesson: func(r method.PlanRequest, _ memory) lesson {
			return lesson{on: r.Start, fresh: true, data: seen}
		},
	}
}

// seen is what the stage shows and what is granted of the past.
var seen = method.Data{From: []method.Source{{Name: "seen"}}}
