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
func FedIT() method.Method { return scaffold{fedit{}, upload} }

type fedit struct{ checked }

func (fedit) Describe() method.Card {
	c := withMixing(withAges(withRank(card("fedit", "Factors are averaged at one rank; clients go on from the mean",
		"Zhang et al., Towards Building the Federated GPT: Federated Instruction Tuning, 2023")), "sqrt"))
	c.Params = append(c.Params, method.Param{Name: "resume", Kind: method.Flag, Default: false,
		Doc: "clients keep their optimiser, which goes on in the next round; false does nothing"})
	return c
}

func (fedit) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := goOn(r)
	if err == nil && r.Params.Flag("resume") {
		f := out.Assign[0].Recipe.(method.Fit)
		f.Resume = true
		out.Assign[0].Recipe, out.Assign[0].Keep = f, []string{method.KeptOptimiser}
	}
	return out, err
}

func (fedit) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	return serve(r, upload)
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

// cutTo gives the adapter, or single factors, in b at a rank that everyone offered can hold:
// b itself unless somebody smaller than all before has come.
func cutTo(rank int, b method.Blob, blobs method.Blobs) (method.Blob, error) {
	f, err := factorsIn(b, blobs)
	if err != nil {
		return "", err
	}
	cut, err := f.Cut(rank)
	if err != nil || cut.SameShape(f) == nil {
		return b, err
	}
	return put(cut, blobs)
}

// cutAll is cutTo for all that a server holds.
func cutAll(rank int, holds []method.Blob, blobs method.Blobs) ([]method.Blob, error) {
	out := make([]method.Blob, len(holds))
	for i, b := range holds {
		var err error
		if out[i], err = cutTo(rank, b, blobs); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// put stores factors, as an adapter where they are one.
func put(f lora.Factors, blobs method.Blobs) (method.Blob, error) {
	if a := lora.Adapter(f); a.Check() == nil {
		return blobs.Put(a.Tensors())
	}
	return blobs.Put(f.Tensors())
}
