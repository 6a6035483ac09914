package routing

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// held is the name of the set that learners keep examples in.
const held = "memory"

// DERPP is dark experience replay, DER++ (Buzzega et al. 2020, equation 6): one adapter, and a
// reservoir of examples with the logits that the model gave them when they came in. Half of
// every batch is drawn from it; the loss gains α·Σ(z−z₀)² and β times the cross-entropy of that
// half. One draw serves both terms, and examples come in at the ends of tasks, not between
// updates: after a task nothing of it is seen again but what the reservoir holds.
//
// The reservoir stays with the learner, so the learner of all tasks must be one and the same.
func DERPP() method.Method {
	c := card("derpp", "One adapter, held to what it said of a memory of the past when that came in",
		"Buzzega et al., Dark Experience for General Continual Learning: a Strong, Simple Baseline, NeurIPS 2020",
		method.Param{Name: "memory", Kind: method.Int, Default: 64, Min: 1, Max: 1 << 20, Doc: "examples that a learner holds; with the grant data-of-past-stages at the same number, replay has a memory as large but for the logits"},
		method.Param{Name: "alpha", Kind: method.Float, Default: 0.01, Min: 0, Max: 1e6, Doc: "weight of the squared distance to the logits, a sum over classes (the released code takes their mean: classes times as large there); 0 leaves replay of labels"},
		method.Param{Name: "beta", Kind: method.Float, Default: 0.5, Min: 0, Max: 1e6, Doc: "weight of the memory's cross-entropy; 0 is DER"})
	c.Needs = []method.Need{method.NeedPast}
	return shared{card: c, lesson: recollect, after: hold, learn: holding}
}

// recollect is a task beside the memory, once there is one.
func recollect(r method.PlanRequest, m memory) lesson {
	x := lesson{on: r.Start}
	if m.Before == "" {
		return x
	}
	x.data = method.Data{From: []method.Source{{Name: "train", Share: 0.5}, {Name: held, Share: 0.5}}}
	of := func(source float64) []method.Cond {
		return []method.Cond{{Column: "source", Is: "=", Value: source}}
	}
	x.terms = []method.Term{
		{Weight: 1, Loss: method.CrossEntropy{}, Where: of(0)},
		{Weight: r.Params.Float("beta"), Loss: method.CrossEntropy{}, Where: of(1)},
		method.Times(r.Params.Float("alpha"), method.Recall{}),
	}
	return x
}

// hold has the task's examples pass the reservoir of whoever learned it.
func hold(r method.PlanRequest, m memory) method.Assignment {
	return method.Assignment{Name: "hold", Upload: []string{method.Nothing}, Recipe: method.Sample{
		Model: beside(r.Start, trained, m.Now, 1), Data: method.Data{Draw: method.Reservoir}, Count: r.Params.Int("memory"), Into: held, Logits: true}}
}

// holding tells how much learners hold, in examples and bytes.
func holding(r method.FoldRequest, _ *memory) (out []method.Value, err error) {
	out = []method.Value{{Name: "kept." + held, Weight: 1}, {Name: "kept." + held + ".bytes", Weight: 1}}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return nil, err
		}
		for _, v := range rep.Values {
			for i := range out {
				if v.Name == out[i].Name {
					out[i].Value += v.Value
				}
			}
		}
	}
	if r.Reports.Len() == 0 {
		err = fmt.Errorf("routing: nobody reported what they hold")
	}
	return out, err
}
