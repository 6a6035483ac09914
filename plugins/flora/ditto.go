package flora

import (
	"context"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Ditto trains, beside the shared adapter of [FedIT], one for each client that is pulled
// towards the shared one as the round received it: λ/2 times the squared distance (Li et al.
// 2021, algorithm 1). Each client is answered with its own.
func Ditto() method.Method { return scaffold{ditto{}, upload} }

// own is the name of what a client trains for itself.
const own = "own"

type ditto struct{ checked }

func (ditto) Describe() method.Card {
	c := withRank(card("ditto", "A personal adapter for each, pulled towards FedIT's shared one",
		"Li et al., Ditto: Fair and Robust Federated Learning Through Personalization, ICML 2021"))
	c.Trains, c.Keeps, c.Still = append(c.Trains, own), []string{own}, drawnByServer
	c.Params = append(c.Params, method.Param{Name: "lambda", Kind: method.Float, Default: 0.1, Min: 0, Max: 1e6,
		Doc: "λ: half of it times the squared distance from the shared adapter is added to the personal loss; 0 does nothing"})
	return c
}

func (ditto) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	if state.Holds, err = begun(r, rank, state.Holds); err != nil {
		return method.PlanResponse{}, err
	}
	part := adapter(r.Scene)
	part.Rank, part.From.Blob = rank, state.Holds[0]
	out := ask(state, fit(r.Params, r.Start, part))

	keeping, others := keepers(r.Offered, own)
	for i, ids := range [][]method.ID{keeping, others} {
		if len(ids) == 0 {
			continue
		}
		mine := part
		mine.Name = own
		if i == 0 {
			mine.From = method.From{Kept: true}
		}
		f := fit(r.Params, r.Start, mine)
		f.Objective = slices.Clone(method.CE) // FedProx's term is for what is shared
		if lambda := r.Params.Float("lambda"); lambda > 0 {
			f.Objective = append(f.Objective, method.Times(lambda, method.Quadratic{Of: own, Centre: state.Holds[0]}))
		}
		out.Assign = append(out.Assign, method.Assignment{Name: own, To: ids, Recipe: f, Upload: []string{method.Nothing}, Keep: []string{own}})
	}
	return out, nil
}

func (ditto) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	r.Reports = only{r.Reports, "fit"}
	out, err := serve(r, upload)
	if err != nil {
		return out, err
	}
	model := r.Start
	model.Attach = append(model.Attach[:len(model.Attach):len(model.Attach)], method.Attach{Name: own, From: method.From{Kept: true}, Scale: 1})
	out.Deploy = &model
	return out, nil
}
