package simtest

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// Keeper is a method for tests of what participants keep: A is averaged, B stays where it was
// trained, and so does the optimiser, which goes on. It takes the parameters of any built-in
// method, and looks at none.
func Keeper() method.Method { return keeper{} }

type keeper struct{}

func (keeper) Describe() method.Card {
	return method.Card{Name: "keeper", Title: "Keeps B", Roles: []method.Role{"client"}, Stale: true, Trains: []string{"lora"}, Keeps: []string{"lora"}}
}

func (keeper) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	part := method.LoRA{Name: "lora", Modules: []string{"*.q", "*.v"}, Rank: 2, Scale: 2, Shared: true, From: method.From{Kept: true}}
	if len(r.State.Holds) > 0 {
		part.From.Blob = r.State.Holds[0]
	}
	fit := method.Fit{Model: r.Start, Train: []method.Part{part}, Objective: method.CE, Optimiser: method.Optimiser{LR: 1e-2},
		Schedule: method.Schedule{Name: "linear", Total: 50}, Steps: 3, Batch: 4, Resume: true}
	return method.PlanResponse{State: r.State, Assign: []method.Assignment{{Name: "fit", Recipe: fit,
		Upload: []string{"lora.A"}, Keep: []string{"lora.B", method.KeptOptimiser}}}}, nil
}

func (keeper) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	var mean lora.Mean
	for rep, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		t, err := r.Blobs.Open(rep.Blob("lora.A"))
		if err != nil {
			return out, err
		}
		f, err := lora.ParseFactors(t)
		if err != nil {
			return out, err
		}
		if err := mean.AddFactors(1/float64(r.Reports.Len()), f); err != nil {
			return out, err
		}
	}
	b, err := r.Blobs.Put(mean.Factors().Tensors())
	out.State = method.State{Holds: []method.Blob{b}}
	model := r.Start
	model.Attach = append(model.Attach[:0:0], model.Attach...)
	model.Attach = append(model.Attach, method.Attach{Name: "lora", From: method.From{Blob: b, Kept: true}, Scale: 1})
	out.Deploy = &model
	return out, err
}
