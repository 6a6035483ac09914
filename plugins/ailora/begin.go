package ailora

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/plugins/method"
)

// measured is a member of a chain that has everyone offered measure the model to build on,
// makes one start of what comes, leaves it to the members after it, and is finished: once in
// a trial, not at each restart.
type measured struct {
	card method.Card
	what func(method.Values) []method.Statistic
	// begin makes the starts of modules of the means of what was measured.
	begin func(method.Scene, means) ([]started, []string, error)
}

// started is where one module begins.
type started struct {
	weight
	start.Start
}

// measuring are the parameters of these members, in front of their own.
func measuring(own ...method.Param) []method.Param {
	return append(own,
		rankParam("of the start; a participant that can hold less takes the leading rows", usualRank), scaleParam(), modulesParam(),
		method.Param{Name: "limit", Kind: method.Int, Default: 0, Min: 0, Max: 1e9, Doc: "examples that a participant looks at; 0 takes all"})
}

func (m measured) Describe() method.Card { return m.card }

func (m measured) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	if len(r.State.Holds) > 0 { // it has left its start
		return method.PlanResponse{State: r.State, Finished: true}, nil
	}
	probe := method.Probe{Model: r.Start, What: m.what(r.Params), Data: method.Data{Draw: method.InOrder, Limit: r.Params.Int("limit")}}
	return method.PlanResponse{State: r.State, Assign: []method.Assignment{{Name: "measure", Recipe: probe}}}, nil
}

func (m measured) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	all, err := gather(r)
	if err != nil {
		return method.FoldResponse{}, err
	}
	starts, warnings, err := m.begin(r.Scene, all)
	if err != nil {
		return method.FoldResponse{}, err
	}
	var a lora.Adapter
	for _, x := range starts {
		st := x.Start
		st.Moved = false // the trainer takes it out of the weight, by Residual
		a = append(a, st.Pair(lora.Module{Name: x.module, Out: x.Rows, In: x.Cols}, r.Params.Float("scale")))
	}
	b, err := r.Blobs.Put(a.Tensors())
	if err != nil {
		return method.FoldResponse{}, err
	}
	out := method.FoldResponse{State: r.State.Hold(b), Warnings: warnings,
		Values: []method.Value{{Name: "rank", Value: float64(a.Rank()), Weight: 1}}}
	for _, p := range a {
		out.Init = append(out.Init, method.InitAt{Modules: p.Module, Init: method.Given{Blob: b, Residual: m.card.Moves}})
	}
	return out, nil
}

// InitSpectral leaves AILoRA's start, or that of one of its arms, to any method, without
// asking anything of anybody. A method that begins afresh in each round, as FLoRA does,
// decomposes the weight as it is merged by then, every participant at its own rank.
func InitSpectral() method.Method {
	return named{method.Card{
		Name: "init-spectral", Title: "Has the methods after it begin at triples of the weight",
		Paper: "Ji et al., AILoRA, arXiv 2510.08034; Meng et al., PiSSA; Wang et al., MiLoRA",
		Roles: []method.Role{"client"}, Moves: true,
		Params: []method.Param{{Name: "arm", Kind: method.Text, Default: "ailora", OneOf: []string{"ailora", "swapped", "pissa-qv", "milora-qv", "middle", "random", "norm-matched"},
			Doc: "where queries and values begin; see ailora"}},
	}}
}

type named struct{ card method.Card }

func (n named) Describe() method.Card { return n.card }

func (n named) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return method.PlanResponse{State: r.State, Finished: true, Init: armOf(r.Params.Text("arm")).inits()}, nil
}

func (n named) Fold(context.Context, method.FoldRequest) (method.FoldResponse, error) {
	return method.FoldResponse{}, fmt.Errorf("ailora: %s asks nothing, and was told of reports", n.card.Name)
}
