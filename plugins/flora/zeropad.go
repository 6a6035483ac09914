package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// ZeroPad averages factors of unequal rank by filling them up with zeros to the largest
// (the baseline of arXiv 2409.05976 and 2401.06432). Row j of the mean is diluted to the
// weight of the clients whose rank is above j. A client goes on from the leading rows that
// it can hold; users are answered at the full rank.
func ZeroPad() method.Method { return zeropad{checked{noServer: filledUp}} }

const filledUp = "the zeros that stand in for what a client of smaller rank does not hold would be taken for changes, and stepped along"

type zeropad struct{ checked }

func (zeropad) Describe() method.Card {
	c := card("zeropad", "Factors are filled up with zeros to the largest rank and averaged",
		"Cho et al., Heterogeneous LoRA for Federated Fine-tuning of On-Device Foundation Models, EMNLP 2024 (without its weights and pruning)")
	c.Alike = true
	return c
}

func (zeropad) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	part := adapter(r.Scene)
	part.Rank, part.Shared = method.OwnRank, true
	if len(r.State.Holds) > 0 {
		part.From.Blob = r.State.Holds[0]
	}
	return ask(r.State, fit(r.Params, r.Start, part)), nil
}

func (zeropad) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	mean := lora.Mean{Pad: true}
	out, b, err := average(r, &mean)
	if err != nil {
		return out, err
	}
	out.State = method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}
	model := beside(r.Start, b)
	out.Deploy = &model
	return out, nil
}
