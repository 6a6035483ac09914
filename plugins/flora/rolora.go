package flora

import (
	"context"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// RoLoRA trains the two factors by turns: in one round B over a common A, in the next A over
// the common B, so that either mean is exact and half the numbers travel (Chen et al. 2025,
// §3). B comes first unless asked otherwise: while B is 0 the gradient of A is 0 too.
func RoLoRA() method.Method {
	return rolora{checked{noServer: "the two factors move in different rounds, and what is remembered of one would be a step of the other"}}
}

type rolora struct{ checked }

func (rolora) Describe() method.Card {
	c := withRank(card("rolora", "A and B are trained and averaged by turns, which is exact",
		"Chen et al., Robust Federated Finetuning of LLMs via Alternating Optimization of LoRA, 2025"))
	c.Still = drawnByServer
	c.Params = append(c.Params, method.Param{Name: "first", Kind: method.Text, Default: "B", OneOf: []string{"A", "B"}, Doc: "the factor of the first round"})
	return c
}

func (rolora) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	was, err := remembered(r.State)
	if err != nil {
		return method.PlanResponse{}, err
	}
	train := was.factor(r.Params)
	return oneFactor(r, train, otherFactor(train), func(p method.Participant) (bool, error) {
		n, err := noteOf(p)
		return n.Turn == was.Turn && slices.Contains(p.Kept, train), err
	})
}

func (rolora) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	was, err := remembered(r.State)
	if err != nil {
		return method.FoldResponse{}, err
	}
	out, err := serve(r, was.factor(r.Params))
	if err != nil {
		return out, err
	}
	was.Turn++
	if out.State, err = was.state(out.State.Holds); err != nil {
		return out, err
	}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return out, err
		}
		n, err := noted{Turn: was.Turn}.about(rep.From)
		if err != nil {
			return out, err
		}
		out.Notes = append(out.Notes, n)
	}
	return out, nil
}

// factor is the one of this turn.
func (m memory) factor(p method.Values) string {
	first := upload + "." + p.Text("first")
	if m.Turn%2 == 0 {
		return first
	}
	return otherFactor(first)
}
