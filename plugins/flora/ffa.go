package flora

import (
	"context"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// FFA trains B alone, over one random A that all share and nobody ever changes, so that the
// mean of B is exact and half the numbers travel (Sun et al. 2024, §3). The server draws A; a
// client keeps it after its first round.
func FFA() method.Method { return scaffold{ffa{}, factorB} }

type ffa struct{ checked }

func (ffa) Describe() method.Card {
	c := withMixing(withAges(withRank(card("ffa-lora", "A is random, shared and frozen; B is averaged, which is exact",
		"Sun et al., Improving LoRA in Privacy-preserving Federated Learning, ICLR 2024")), "sqrt"))
	c.Still = drawnByServer
	return c
}

func (ffa) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return oneFactor(r, factorB, factorB, func(p method.Participant) (bool, error) { return slices.Contains(p.Kept, factorA), nil })
}

func (ffa) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	return serve(r, factorB)
}
