package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// FedIT averages factors, Ā = Σ p_k·A_k and B̄ = Σ p_k·B_k, and clients go on from the
// mean (arXiv 2305.05644). Its server deploys s·B̄Ā, which misses the weighted sum of the
// clients' changes by the weighted covariance of their factors. All begin from one shared
// A, or the covariance would be most of it. It needs one rank, see [equalRank].
func FedIT() method.Method { return fedit{} }

type fedit struct{ checked }

func (fedit) Describe() method.Card {
	return withRank(card("fedit", "Factors are averaged at one rank; clients go on from the mean",
		"Zhang et al., Towards Building the Federated GPT: Federated Instruction Tuning, 2023"))
}

func (fedit) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	part := adapter(r.Scene)
	part.Rank, part.Shared = rank, true
	if len(state.Holds) > 0 {
		part.From.Blob, err = cutTo(rank, state.Holds[0], r.Blobs)
		if err != nil {
			return method.PlanResponse{}, err
		}
		state.Holds = []method.Blob{part.From.Blob}
	}
	return ask(state, fit(r.Params, r.Start, part)), nil
}

func (fedit) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var mean lora.Mean
	out, b, err := average(r, &mean)
	if err != nil {
		return out, err
	}
	out.State = method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}
	model := beside(r.Start, b)
	out.Deploy = &model
	return out, nil
}

// average puts the mean of what was reported into a blob.
func average(r method.FoldRequest, mean *lora.Mean) (out method.FoldResponse, b method.Blob, err error) {
	seen, err := join(r, mean.AddAdapter)
	if err != nil {
		return out, "", err
	}
	b, err = r.Blobs.Put(mean.Tensors())
	out.Values, out.Flops = seen.values(), seen.meanFlops()
	return out, b, err
}

// cutTo gives the adapter in b at a rank that everyone offered can hold: b itself unless
// somebody smaller than all before has come.
func cutTo(rank int, b method.Blob, blobs method.Blobs) (method.Blob, error) {
	t, err := blobs.Open(b)
	if err != nil {
		return "", err
	}
	a, err := lora.Parse(t)
	if err != nil || a.Rank() <= rank {
		return b, err
	}
	small, err := a.Truncate(rank)
	if err != nil {
		return "", err
	}
	return blobs.Put(small.Tensors())
}
