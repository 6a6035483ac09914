package flora

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// Full trains the weights themselves and averages their changes: FedAvg of the base (McMahan
// et al. 2017), the bound that adapters are to come near at a fraction of its bytes. What the
// server holds is the change of every weight since the start, one matrix for each.
func Full() method.Method { return scaffold{fullTuning{}, changes} }

// changes is the name of what is trained and returned where the weights are.
const changes = "weights"

type fullTuning struct{ checked }

func (fullTuning) Describe() method.Card {
	c := card("full-fine-tuning", "Bound: the weights themselves are trained and averaged, FedAvg of the base",
		"McMahan et al., Communication-Efficient Learning of Deep Networks from Decentralized Data, AISTATS 2017")
	c.Weights, c.Trains = true, nil
	for i, p := range c.Params {
		switch p.Name {
		case "modules":
			c.Params[i].Default, c.Params[i].Doc = "*", "modules to train, by comma: a name (q) in every block, a pattern (4-7.v), or * for all"
		case "scale", "dropout":
			c.Params[i].Doc = "of adapters; weights have none, and it is not looked at"
		}
	}
	return c
}

func (fullTuning) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	part := method.Weights{Name: changes}
	if m := r.Params.Text("modules"); m != "*" {
		part.Modules = method.Patterns(m)
	}
	if len(r.State.Holds) > 0 {
		part.From.Blob = r.State.Holds[0]
	}
	f := fit(r.Params, r.Start, method.LoRA{Name: changes})
	f.Train = []method.Part{part}
	out := ask(r.State, f)
	out.Assign[0].Upload = []string{changes}
	return out, nil
}

func (fullTuning) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var stack lora.Stack
	seen, err := each(r, changes, func(share float64, _ method.Report, f lora.Factors) error {
		a, err := whole(f)
		if err != nil {
			return err
		}
		return stack.AddAdapter(share, a)
	})
	if err != nil {
		return method.FoldResponse{}, err
	}
	next := lora.Factors(stack.Adapter())
	holds := []method.Blob{}
	memory := server.Memory{}
	if o := optimiser(r.Params); o.Rule != server.FedAvg {
		at := next.With(make([]float64, len(next.Numbers())))
		if len(r.State.Holds) > 0 {
			if at, err = factorsIn(r.State.Holds[0], r.Blobs); err == nil {
				err = at.SameShape(next)
			}
			if err == nil {
				memory, err = memoryOf(r, at)
			}
			if err != nil {
				return method.FoldResponse{}, fmt.Errorf("flora: what the server holds: %w", err)
			}
		}
		x, change := at.Numbers(), next.Numbers()
		for i := range change {
			change[i] -= x[i]
		}
		x, memory = o.Step(x, change, memory)
		next = next.With(x)
	}
	for _, f := range append([]lora.Factors{next}, memories(next, memory)...) {
		b, err := put(f, r.Blobs)
		if err != nil {
			return method.FoldResponse{}, err
		}
		holds = append(holds, b)
	}
	model := merged(r.Start, holds[:1])
	return method.FoldResponse{State: method.State{Bytes: r.State.Bytes, Holds: holds}, Deploy: &model, Flops: seen.meanFlops()}, nil
}
