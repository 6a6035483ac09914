package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FirstClientOnly is a control that is wrong on purpose: the sum over clients is lost after
// the first, so that both factors are the first client's, times its share. What is deployed
// is p₀²·s·B₀A₀. Released code did this in the place of FedIT's mean.
func FirstClientOnly() method.Method { return scaffold{firstOnly{}, upload} }

type firstOnly struct{ checked }

func (firstOnly) Describe() method.Card {
	return withRank(card("fedit-first-client-only", "Control, wrong on purpose: FedIT that loses all clients but the first", ""))
}

func (firstOnly) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return goOn(r)
}

func (firstOnly) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var first lora.Mean
	done := false
	seen, err := join(r, func(share float64, a lora.Adapter) error {
		if done {
			return nil
		}
		done = true
		return first.AddAdapter(share, a)
	})
	if err != nil {
		return method.FoldResponse{}, err
	}
	return goesOn(r, first.Adapter(), seen.values(), seen.meanFlops())
}

// WeightsOnBoth is a control that is wrong on purpose: FLoRA with every client's share on A
// and on B, so that it counts twice, Σ p_k²·s·B_kA_k.
func WeightsOnBoth() method.Method { return onBoth{checked{noServer: begunAfresh}} }

type onBoth struct{ checked }

func (onBoth) Describe() method.Card {
	return card("flora-weights-on-both", "Control, wrong on purpose: FLoRA with shares on both factors", "")
}

func (onBoth) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return afresh(r), nil
}

func (onBoth) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var stack lora.Stack
	seen, err := join(r, func(share float64, a lora.Adapter) error { return stack.AddAdapter(share*share, a) })
	if err != nil {
		return method.FoldResponse{}, err
	}
	sum := stack.Adapter()
	return isMerged(r, sum, seen.values(), seen.stackFlops(sum))
}
