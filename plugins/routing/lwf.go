package routing

import "github.com/loramesh/loramesh/plugins/method"

// LwF holds one adapter to what it said before the task, on the task's own inputs: the loss
// gains alpha·τ²·KL(before ‖ now) (Li and Hoiem 2016). In the first stage nothing was said.
func LwF() method.Method {
	return shared{
		card: card("lwf", "One adapter, held to what it said before on the new task's inputs",
			"Li and Hoiem, Learning without Forgetting, ECCV 2016",
			method.Param{Name: "alpha", Kind: method.Float, Default: 0.5, Min: 0, Max: 1e6, Doc: "weight of the distillation; 0 does nothing"},
			method.Param{Name: "tau", Kind: method.Float, Default: 2.0, Min: 1e-3, Max: 1e3, Doc: "temperature of both distributions"}),
		lesson: func(r method.PlanRequest, m memory) lesson {
			x := lesson{on: r.Start}
			if alpha := r.Params.Float("alpha"); m.Before != "" && alpha > 0 {
				teacher := beside(r.Start, "before", m.Before, 1)
				x.terms = append(method.CE[:1:1], method.Times(alpha, method.Distill{Teacher: teacher, Tau: r.Params.Float("tau")}))
			}
			return x
		},
	}
}
