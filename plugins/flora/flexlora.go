package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/plugins/method"
)

// FlexLoRA adds its clients' changes up, whatever their ranks, and hands the sum out again at
// each client's own rank: the best approximation of that rank, by SVD, with all singular
// values in B (Bai et al. 2024, §3, algorithm 1). Users are answered at the largest rank that
// was offered. What an approximation leaves out is lost to those who go on from it.
func FlexLoRA() method.Method { return flexlora{checked{noServer: turnedBySVD}} }

type flexlora struct{ checked }

func (flexlora) Describe() method.Card {
	return card("flexlora", "The sum of all changes, handed out at each client's own rank by SVD",
		"Bai et al., Federated Fine-tuning of Large Language Models under Heterogeneous Tasks and Client Resources, NeurIPS 2024")
}

func (flexlora) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	was, err := remembered(r.State)
	if err != nil {
		return method.PlanResponse{}, err
	}
	for _, p := range r.Offered {
		was.Rank = max(was.Rank, p.Rank)
	}
	state, err := was.state(r.State.Holds)
	if err != nil {
		return method.PlanResponse{}, err
	}
	return handOut(r, state, ownRanks(r.Offered))
}

func (flexlora) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	stack := lora.Stack{Scale: r.Params.Float("scale"), ForCut: true}
	seen, err := join(r, stack.AddAdapter)
	if err != nil {
		return method.FoldResponse{}, err
	}
	was, err := remembered(r.State)
	if err != nil {
		return method.FoldResponse{}, err
	}
	sum, err := stack.Top(max(was.Rank, seen.high), par.Cores())
	if err != nil {
		return method.FoldResponse{}, err
	}
	return goesOn(r, sum, seen.values(), seen.cutFlops(sum))
}
