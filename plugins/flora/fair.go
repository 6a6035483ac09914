package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// LoRAFAIR averages factors as [FedIT] does and then moves B̄ so that B̄'Ā comes near the
// weighted sum of the clients' changes, λ holding it back (Bian et al. 2024, §4; the distance
// is the Frobenius norm, for which there is a closed form). Clients go on from Ā and B̄'.
func LoRAFAIR() method.Method {
	return fair{checked{noServer: "the server moves B̄ towards the sum of the changes as it is; a step elsewhere would be corrected away"}}
}

type fair struct{ checked }

func (fair) Describe() method.Card {
	c := withRank(card("lora-fair", "FedIT's mean with B corrected towards the sum of the changes",
		"Bian et al., LoRA-FAIR: Federated LoRA Fine-Tuning with Aggregation and Initialization Refinement, 2024"))
	c.Params = append(c.Params, method.Param{Name: "lambda", Kind: method.Float, Default: 0.01, Min: 0, Max: 1e6,
		Doc: "λ of the squared correction; at 0 it is as large as the distance asks for"})
	return c
}

func (fair) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return goOn(r)
}

func (fair) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var mean lora.Mean
	seen, err := join(r, mean.AddAdapter)
	if err != nil {
		return method.FoldResponse{}, err
	}
	c := lora.NewCorrection(mean.Adapter())
	if _, err := join(r, c.Add); err != nil {
		return method.FoldResponse{}, err
	}
	moved, err := c.Adapter(r.Params.Float("lambda"))
	if err != nil {
		return method.FoldResponse{}, err
	}
	// Products with Ā in the small dimension, for each client's two factors.
	flops := seen.meanFlops() + float64(2*float64(seen.floats)*float64(moved.Rank()))
	return goesOn(r, moved, seen.values(), flops)
}
