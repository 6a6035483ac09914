package flora

import (
	"context"

	"github.com/loramesh/loramesh/plugins/method"
)

// LocalOnly is a bound: every client trains an adapter of its own over all rounds, keeps it,
// and sends nothing. Each is answered with its own.
func LocalOnly() method.Method { return local{checked{noServer: nothingSent}} }

const nothingSent = "nothing reaches the server"

type local struct{ checked }

func (local) Describe() method.Card {
	c := card("local-only", "Bound: every client trains by itself, and nothing is sent", "")
	c.Keeps = []string{upload}
	return c
}

func (local) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	part := adapter(r.Scene)
	part.Rank, part.From.Kept = method.OwnRank, true
	out := ask(r.State, fit(r.Params, r.Start, part))
	out.Assign[0].Upload, out.Assign[0].Keep = []string{method.Nothing}, []string{upload}
	return out, nil
}

func (local) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	model := withOwn(r.Start, method.From{Kept: true})
	return method.FoldResponse{State: r.State, Deploy: &model}, nil
}
