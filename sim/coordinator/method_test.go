package coordinator

import (
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// script is a method that a test makes up.
type script struct {
	plan func(method.PlanRequest) method.PlanResponse
	fold func(method.FoldRequest) method.FoldResponse
}

// fit is a Fit of one adapter called "lora".
func fit(on method.Model, part method.LoRA) method.Fit {
	part.Name, part.Modules, part.Scale = "lora", []string{"*"}, 2
	return method.Fit{Model: on, Train: []method.Part{part}, Objective: []method.Term{{Weight: 1, Loss: method.CrossEntropy{}}}, Epochs: 1}
}

func ask(s method.State, r ...method.Recipe) method.PlanResponse {
	names := []string{"fit", "again", "more"}
	out := method.PlanResponse{State: s}
	for i, x := range r {
		out.Assign = append(out.Assign, method.Assignment{Name: names[i], Recipe: x})
	}
	return out
}

// with is a model with blobs added to it.
func with(m method.Model, merge bool, blobs ...method.Blob) method.Model {
	m.Attach = append([]method.Attach{}, m.Attach...)
	for _, b := range blobs {
		name := string(rune('a' + len(m.Attach)))
		m.Attach = append(m.Attach, method.Attach{Name: name, From: method.From{Blob: b}, Merge: merge, Scale: 1})
	}
	return m
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

// stacker merges a stack of all that came at every fold, as FLoRA does: at own ranks, its
// stacks in its holds.
func stacker() script {
	return script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			return ask(r.State, fit(with(r.Start, true, r.State.Holds...), method.LoRA{Rank: method.OwnRank}))
		},
		fold: func(r method.FoldRequest) method.FoldResponse {
			var sum lora.Stack
			n := must(method.Examples(r.Reports))
			for rep, err := range r.Reports.All() {
				must(0, err)
				must(0, sum.Add(float64(rep.Examples)/n, must(r.Blobs.Open(rep.Blob("lora")))))
			}
			state := r.State.Hold(must(r.Blobs.Put(sum.Tensors())))
			model := with(r.Start, true, state.Holds...)
			return method.FoldResponse{State: state, Deploy: &model, Values: []method.Value{{Name: "stacked", Value: float64(r.Reports.Len()), Weight: 1}}, Flops: 7}
		},
	}
}

// averager averages factors, as FedIT does: all begin from the mean of the last round.
func averager(rank int) script {
	return script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			part := method.LoRA{Rank: rank}
			if len(r.State.Holds) > 0 {
				part.From.Blob = r.State.Holds[0]
			}
			return ask(r.State, fit(r.Start, part))
		},
		fold: func(r method.FoldRequest) method.FoldResponse {
			var mean lora.Mean
			n := must(method.Examples(r.Reports))
			for rep, err := range r.Reports.All() {
				must(0, err)
				must(0, mean.Add(float64(rep.Examples)/n, must(r.Blobs.Open(rep.Blob("lora")))))
			}
			b := must(r.Blobs.Put(mean.Tensors()))
			model := with(r.Start, false, b)
			return method.FoldResponse{State: method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}, Deploy: &model}
		},
	}
}
