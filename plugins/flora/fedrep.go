package flora

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// FedRep shares the adapters of a body and leaves every client those of its last blocks, in
// the place of a head of its own (Collins et al. 2021, algorithm 1): in a round a client first
// fits its own part over the body as it came, then the body over its own part as it is now,
// and uploads the body. Each client is answered with its own part over the shared body.
func FedRep() method.Method { return scaffold{fedrep{}, upload} }

type fedrep struct{ checked }

func (fedrep) Describe() method.Card {
	c := withRank(card("fedrep", "Adapters of the last blocks stay with their client, those below are averaged",
		"Collins et al., Exploiting Shared Representations for Personalized Federated Learning, ICML 2021"))
	c.Trains, c.Keeps = append(c.Trains, own), []string{own}
	c.Params = append(c.Params,
		method.Param{Name: "own_blocks", Kind: method.Int, Default: 1, Min: 1, Max: 1 << 10, Doc: "so many of the last blocks are a client's own"},
		method.Param{Name: "own_epochs", Kind: method.Float, Default: 1.0, Min: 0.001, Max: 1e6, Doc: "passes over its data for a client's own part, before those for the body"})
	return c
}

// Check refuses a part of one's own that leaves no body.
func (m fedrep) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	found, err := m.checked.Check(ctx, s)
	if err != nil {
		return found, err
	}
	for _, base := range s.Bases {
		if n := s.Params.Int("own_blocks"); base.Name == s.Start.Base && n >= base.Blocks {
			found = append(found, method.Problem{Path: "params.own_blocks", Text: fmt.Sprintf("%d of the last blocks are to be a client's own, and base %q has %d: expected fewer, so that a body is left to share", n, base.Name, base.Blocks)})
		}
	}
	return found, nil
}

func (fedrep) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	rank, state, err := equalRank(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	body, mine, err := split(r)
	if err != nil {
		return method.PlanResponse{}, err
	}
	part, head := adapter(r.Scene), adapter(r.Scene)
	part.Rank, part.Modules, part.Shared = rank, body, true
	head.Rank, head.Modules, head.Name, head.From.Kept = rank, mine, own, true
	below := r.Start
	if len(state.Holds) > 0 {
		if state.Holds, err = cutAll(rank, state.Holds, r.Blobs); err != nil {
			return method.PlanResponse{}, err
		}
		part.From.Blob = state.Holds[0]
		below = beside(r.Start, state.Holds[0])
	}
	first := fit(r.Params, below, head)
	first.Epochs = r.Params.Float("own_epochs")
	then := fit(r.Params, withHead(r.Start), part)
	return method.PlanResponse{State: state, Assign: []method.Assignment{
		{Name: own, Recipe: first, Upload: []string{method.Nothing}, Keep: []string{own}},
		{Name: "fit", Recipe: then, Upload: []string{upload}},
	}}, nil
}

func (fedrep) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	r.Reports = only{r.Reports, "fit"}
	out, err := serve(r, upload)
	if err != nil {
		return out, err
	}
	model := withHead(*out.Deploy)
	out.Deploy = &model
	return out, nil
}

// withHead is the model with what each participant keeps of its last blocks.
func withHead(m method.Model) method.Model {
	m.Attach = append(m.Attach[:len(m.Attach):len(m.Attach)], method.Attach{Name: own, From: method.From{Kept: true}, Scale: 1})
	return m
}

// split names the modules of the body and those that are a client's own.
func split(r method.PlanRequest) (body, mine []string, err error) {
	patterns := method.Patterns(r.Params.Text("modules"))
	for _, base := range r.Bases {
		if base.Name != r.Start.Base {
			continue
		}
		last := fmt.Sprintf("%d-%d.*", base.Blocks-r.Params.Int("own_blocks"), base.Blocks-1)
		for _, m := range base.Modules {
			takes, err := matches(patterns, m.Name)
			if err != nil || !takes {
				if err != nil {
					return nil, nil, err
				}
				continue
			}
			ours, err := linalg.Match(last, m.Name)
			if err != nil {
				return nil, nil, err
			}
			if ours {
				mine = append(mine, m.Name)
			} else {
				body = append(body, m.Name)
			}
		}
	}
	if len(body) == 0 || len(mine) == 0 {
		return nil, nil, fmt.Errorf("flora: of modules %q the last %d blocks have %d and the body %d: expected some in both", r.Params.Text("modules"), r.Params.Int("own_blocks"), len(mine), len(body))
	}
	return body, mine, nil
}
