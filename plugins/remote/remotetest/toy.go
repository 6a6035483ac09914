package remotetest

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// Toy is a method that is small but uses every part of the seam that a method can use:
// parameters, state, blobs in both calls, several and nested passes over the reports,
// notes, values, exports, and Check. What it computes has no meaning.
type Toy struct{}

var _ method.MethodWithCheck = Toy{}

// Describe has a parameter of every kind.
func (Toy) Describe() method.Card {
	return method.Card{
		Name: "toy", Title: "A method for tests", Roles: []method.Role{"client"},
		Params: []method.Param{
			{Name: "epochs", Kind: method.Float, Default: 1.0, Max: 100, Doc: "over the data"},
			{Name: "batch", Kind: method.Int, Default: 8, Doc: "examples an update; 0: all"},
			{Name: "loud", Kind: method.Flag, Default: false, Doc: "warns; false does nothing"},
			{Name: "name", Kind: method.Text, Default: "fit", OneOf: []string{"fit", "train"}, Doc: "of the assignment"},
			{Name: "weights", Kind: method.Floats, Default: []float64{1, 0.5}, Doc: "of nothing"},
		},
		Stale:  true,
		Trains: []string{"lora"},
	}
}

// Check refuses a scene without a base.
func (Toy) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	if len(s.Bases) == 0 {
		return []method.Problem{{Path: "bases", Text: "one is expected"}}, nil
	}
	return nil, nil
}

// Plan asks everyone for a fit, and looks at what the last fold left.
func (Toy) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	model := r.Start
	for i, b := range r.State.Holds {
		if _, err := r.Blobs.Open(b); err != nil {
			return method.PlanResponse{}, err
		}
		model.Attach = append(model.Attach[:i:i], method.Attach{Name: fmt.Sprint("held.", i), From: method.From{Blob: b}, Merge: true, Scale: 1})
	}
	fit := method.Fit{
		Model: model, Objective: method.CE, Epochs: r.Params.Float("epochs"), Batch: r.Params.Int("batch"),
		Optimiser: method.Optimiser{Name: "adamw", LR: 1e-3},
		Train:     []method.Part{method.LoRA{Name: "lora", Modules: []string{"*"}, Rank: method.OwnRank, Scale: 2}},
	}
	return method.PlanResponse{State: r.State, Assign: []method.Assignment{
		{Name: r.Params.Text("name"), Recipe: fit, Upload: []string{"lora"}}}}, nil
}

// Fold puts what came one behind the other, and counts some pairs of participants.
func (Toy) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var out method.FoldResponse
	pairs := 0.0
	for x, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		if x.From.Index > 3 {
			continue
		}
		for y, err := range r.Reports.All() { // nested, and left early
			if err != nil {
				return out, err
			}
			if y.From.Compare(x.From) > 0 {
				break
			}
			pairs++
		}
	}
	var sum method.Tensors
	for x, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		t, err := r.Blobs.Open(x.Blob("lora"))
		if err != nil {
			return out, err
		}
		for _, one := range t.List {
			one.Name = x.From.String() + "/" + one.Name
			sum.List = append(sum.List, linalg.Tensor{Name: one.Name, Shape: one.Shape, Data: append([]float32{}, one.Data...)})
		}
		out.Notes = append(out.Notes, method.Note{About: x.From, Text: fmt.Append(nil, x.Examples)})
	}
	b, err := r.Blobs.Put(sum)
	if err != nil {
		return out, err
	}
	out.State = r.State.Hold(b)
	out.State.Bytes = fmt.Append(nil, r.Round, r.Seed)
	model := r.Start
	model.Attach = append(model.Attach[:0:0], method.Attach{Name: "sum", From: method.From{Blob: b}, Scale: 1})
	out.Deploy = &model
	out.Values = []method.Value{{Name: "pairs", Value: pairs, Weight: 1}, {Name: "missing", Value: float64(len(r.Missing)), Weight: 1}}
	out.Exports = []method.Named{{Name: "sum", Blob: b}}
	if r.Params.Flag("loud") {
		out.Warnings = []string{"this is a test"}
	}
	return out, nil
}
