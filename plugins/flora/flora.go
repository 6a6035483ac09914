package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FLoRA stacks its clients' adapters, which is the weighted sum of their changes exactly,
// whatever their ranks and scales (arXiv 2409.05976, §3). The stack is merged into the
// base and every client begins afresh. What it remembers are the stacks, in its holds.
func FLoRA() method.Method { return flora{checked{noServer: begunAfresh}} }

type flora struct{ checked }

func (flora) Describe() method.Card {
	// What a client sends is a change, from an adapter of its own that began at zero. One that
	// was made on an older model is added to the present one by the same stack, at its full
	// weight unless a discount by age is asked for.
	return withAges(card("flora", "Adapters are stacked along the rank: exact at any ranks",
		"Wang et al., FLoRA: Federated Fine-Tuning Large Language Models with Heterogeneous Low-Rank Adaptations, NeurIPS 2024"), "none")
}

func (flora) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return afresh(r), nil
}

func (flora) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var stack lora.Stack
	seen, err := each(r, upload, func(share float64, rep method.Report, f lora.Factors) error {
		a, err := whole(f)
		if err != nil {
			return err
		}
		return stack.AddAdapter(share*discount(r.Params, rep.Age), a)
	})
	if err != nil {
		return method.FoldResponse{}, err
	}
	sum := stack.Adapter()
	return isMerged(r, sum, seen.values(), seen.stackFlops(sum))
}
