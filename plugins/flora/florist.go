package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/plugins/method"
)

// FLoRIST stacks its clients' adapters as [FLoRA] does and keeps, module by module, the
// fewest singular values of the stack whose squares sum to a share τ: one adapter for all,
// smaller than the stack (Ramesh et al. 2025, §3). It is merged into the base and clients
// begin afresh at their own ranks, for a client of small rank could not train on what is
// sent to all.
func FLoRIST() method.Method { return florist{checked{noServer: begunAfresh}} }

type florist struct{ checked }

func (florist) Describe() method.Card {
	c := card("florist", "The stack, cut to a share of its energy, merged into the base",
		"Ramesh et al., FLoRIST: Singular Value Thresholding for Efficient and Accurate Federated Fine-Tuning of Large Language Models, 2025")
	c.Params = append(c.Params, method.Param{Name: "tau", Kind: method.Float, Default: 0.9, Min: 0, Max: 1,
		Doc: "τ: the share of Σσ² that is kept; at 1 all of the stack is"})
	return c
}

func (florist) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return afresh(r), nil
}

func (florist) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	stack := lora.Stack{Scale: r.Params.Float("scale"), ForCut: true}
	seen, err := join(r, stack.AddAdapter)
	if err != nil {
		return method.FoldResponse{}, err
	}
	sum, err := stack.Energy(r.Params.Float("tau"), par.Cores())
	if err != nil {
		return method.FoldResponse{}, err
	}
	values := append(seen.values(), method.Value{Name: "rank.sent", Value: float64(sum.Rank()), Weight: 1})
	return isMerged(r, sum, values, seen.cutFlops(sum))
}
