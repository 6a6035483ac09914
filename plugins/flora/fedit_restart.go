package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FedITRestart averages factors as [FedIT] does, but merges the mean into the base and
// has clients begin afresh, as [FLoRA] does: the control that tells exact stacking from
// the larger rank that restarting gives. What it remembers are the means, in its holds.
func FedITRestart() method.Method { return restart{checked{noServer: begunAfresh}} }

type restart struct{ checked }

func (restart) Describe() method.Card {
	return withRank(card("fedit-restart", "Control: FedIT's mean, merged into the base and begun afresh", ""))
}

func (restart) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	part := adapter(r.Scene)
	part.Rank, part.Shared = rank, true
	return ask(state, fit(r.Params, merged(r.Start, state.Holds), part)), nil
}

func (restart) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var mean lora.Mean
	out, b, err := average(r, &mean)
	if err != nil {
		return out, err
	}
	out.State = r.State.Hold(b)
	model := merged(r.Start, out.State.Holds)
	out.Deploy = &model
	return out, nil
}
