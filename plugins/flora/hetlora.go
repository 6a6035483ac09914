package flora

import (
	"context"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// HetLoRA pads as [ZeroPad] does, weighs clients by the norm of their product B·A in the
// place of their examples, and has clients prune themselves: a term presses the last rows of
// their adapters down, and a client in which those fell in a round goes on without them (Cho
// et al. 2024, §3). A client's rank is in its note.
func HetLoRA() method.Method { return hetlora{checked{noServer: filledUp}} }

type hetlora struct{ checked }

func (hetlora) Describe() method.Card {
	c := card("hetlora", "Zero-padding with weights by norm, and clients that prune their ranks",
		"Cho et al., Heterogeneous LoRA for Federated Fine-tuning of On-Device Foundation Models, EMNLP 2024")
	c.Alike = true
	c.Params = append(c.Params,
		method.Param{Name: "gamma", Kind: method.Float, Default: 0.99, Min: 0, Max: 1, Doc: "γ: rows from ⌊γ·rank⌋ on are the tail, which is pruned; at 1 there is none"},
		method.Param{Name: "lambda", Kind: method.Float, Default: 1e-3, Min: 0, Max: 1e6, Doc: "λ of the tail's norms in the loss; 0 does nothing"},
		method.Param{Name: "min_rank", Kind: method.Int, Default: 1, Min: 1, Max: 1 << 16, Doc: "the rank that pruning does not go below"},
		method.Param{Name: "weights", Kind: method.Text, Default: "norm", OneOf: []string{"norm", "scaled", "examples"}, Doc: "of clients: ‖B·A‖, s·‖B·A‖, or their examples"})
	return c
}

func (hetlora) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	ranks := map[int][]method.ID{}
	for _, p := range r.Offered {
		rank := p.Rank
		n, err := noteOf(p)
		if err != nil {
			return method.PlanResponse{}, err
		}
		if n.Rank > 0 && (rank == 0 || n.Rank < rank) {
			rank = n.Rank
		}
		ranks[rank] = append(ranks[rank], p.ID)
	}
	out, err := handOut(r, r.State, ranks)
	if err != nil {
		return out, err
	}
	if lambda := r.Params.Float("lambda"); lambda > 0 {
		for i, a := range out.Assign {
			f := a.Recipe.(method.Fit)
			f.Objective = objective(r.Params, upload, method.Times(lambda, method.Tail{Of: upload, Gamma: r.Params.Float("gamma")}))
			out.Assign[i].Recipe = f
		}
	}
	return out, nil
}

func (hetlora) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	weights, notes, err := weigh(r)
	if err != nil {
		return method.FoldResponse{}, err
	}
	mean := lora.Mean{Pad: true}
	k := 0
	seen, err := join(r, func(_ float64, a lora.Adapter) error {
		k++
		return mean.AddAdapter(weights[k-1], a)
	})
	if err != nil {
		return method.FoldResponse{}, err
	}
	out, err := goesOn(r, mean.Adapter(), seen.values(), seen.meanFlops())
	out.Notes = notes
	return out, err
}

// weigh gives the reports' weights, which sum to 1, and what to note about who sent them.
func weigh(r method.FoldRequest) (weights []float64, notes []method.Note, err error) {
	_, err = each(r, upload, func(share float64, rep method.Report, f lora.Factors) error {
		a, err := whole(f)
		if err != nil {
			return err
		}
		weights = append(weights, weightOf(r.Params.Text("weights"), share, a))
		began, err := begunPart(r.Blobs, rep, upload)
		if err != nil {
			return err
		}
		gamma, rank := r.Params.Float("gamma"), a.Rank()
		next := lora.PrunedRank(rank, r.Params.Int("min_rank"), gamma, lora.Adapter(began).TailProduct(gamma), a.TailProduct(gamma))
		if next < rank {
			n, err := noted{Rank: next}.about(rep.From)
			notes = append(notes, n)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	sum := linalg.Sum(weights)
	for i := range weights {
		if sum == 0 { // nobody changed anything
			weights[i] = 1 / float64(len(weights))
		} else {
			weights[i] /= sum
		}
	}
	return weights, notes, nil
}

// weightOf is a client's weight before it is shared out: over all modules together.
func weightOf(by string, share float64, a lora.Adapter) float64 {
	if by == "examples" {
		return share
	}
	norms := make([]float64, len(a))
	for i, p := range a {
		norms[i] = p.ProductNorm()
		if by == "scaled" {
			norms[i] *= p.Scale
		}
	}
	return linalg.Norm(norms)
}
