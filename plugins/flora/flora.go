package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FLoRA stacks its clients' adapters, which is the weighted sum of their changes exactly,
// whatever their ranks and scales (arXiv 2409.05976, §3). The stack is merged into the
// base and every client begins afresh. What it remembers are the stacks, in its holds.
func FLoRA() method.Method { return flora{} }

type flora struct{ checked }

func (flora) Describe() method.Card {
	c := card("flora", "Adapters are stacked along the rank: exact at any ranks",
		"Wang et al., FLoRA: Federated Fine-Tuning Large Language Models with Heterogeneous Low-Rank Adaptations, NeurIPS 2024")
	// What a client sends is a change, from an adapter of its own that began at zero. One that
	// was made on an older model is added to the present one by the same stack, at its full
	// weight: buffered aggregation without a discount by age.
	c.Stale = true
	return c
}

func (flora) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	part := adapter(r.Scene)
	part.Rank = method.OwnRank
	return ask(r.State, fit(r.Params, merged(r.Start, r.State.Holds), part)), nil
}

func (flora) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var stack lora.Stack
	seen, err := join(r, stack.AddAdapter)
	if err != nil {
		return method.FoldResponse{}, err
	}
	sum := stack.Adapter()
	b, err := r.Blobs.Put(sum.Tensors())
	if err != nil {
		return method.FoldResponse{}, err
	}
	state := r.State.Hold(b)
	model := merged(r.Start, state.Holds)
	return method.FoldResponse{State: state, Deploy: &model, Values: seen.values(), Flops: seen.stackFlops(sum)}, nil
}
