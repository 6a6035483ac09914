package routing

import "github.com/loramesh/loramesh/plugins/method"

// OLoRA trains a new adapter for each task beside the old ones, which are frozen, and keeps
// its A out of their way: the loss gains λ₁·Σ|A_old·Aᵀ| and λ₂·Σ‖factor‖ (Wang et al. 2023,
// section 3.2). All answer together.
func OLoRA() method.Method {
	return apart{
		card: card("o-lora", "A new adapter for each task, orthogonal to those before; all answer together",
			"Wang et al., Orthogonal Subspace Learning for Language Model Continual Learning, EMNLP 2023",
			method.Param{Name: "lambda1", Kind: method.Float, Default: 0.5, Min: 0, Max: 1e6, Doc: "weight of orthogonality; 0 does nothing"},
			method.Param{Name: "lambda2", Kind: method.Float, Default: 0.0, Min: 0, Max: 1e6, Doc: "weight of the new factors' norms; 0 does nothing"}),
		lesson: func(r method.PlanRequest, m memory) lesson {
			x := lesson{on: together(r.Start, m, 1)}
			terms := method.CE[:1:1]
			var before []method.Blob
			for _, e := range m.Experts {
				before = append(before, e.LoRA)
			}
			if w := r.Params.Float("lambda1"); w > 0 && len(before) > 0 {
				terms = append(terms, method.Times(w, method.Orthogonal{Of: trained, Against: before}))
			}
			if w := r.Params.Float("lambda2"); w > 0 {
				terms = append(terms, method.Times(w, method.Norm{Of: trained, Power: 2, Root: true}))
			}
			x.terms = terms
			return x
		},
		deploy: func(r method.FoldRequest, m memory) (method.Model, error) { return together(r.Start, m, 1), nil },
	}
}

// together is the model with every task's adapter beside it, times a number.
func together(start method.Model, m memory, scale float64) method.Model {
	for _, e := range m.Experts {
		start = beside(start, e.Task, e.LoRA, scale)
	}
	return start
}
