package ailora

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// trained is a method that trains one adapter from a start of its own.
type trained struct {
	card method.Card
	// begin is where the part begins, and what else the start asks of it. It is called for
	// the first round, and what it adds to the state is there in the later ones.
	begin func(method.PlanRequest, *method.LoRA, *memory) error
}

// memory is State.Bytes; the adapter is the first of State.Holds.
type memory struct {
	Base   string          `json:"base"` // that the adapter is of
	Rank   int             `json:"rank"`
	Rates  []method.RateAt `json:"rates,omitempty"`  // see [rescaled]
	Begins method.Blob     `json:"begins,omitempty"` // see [MiCA]
}

// card fills in what all methods that train have in common.
func card(name, title, paper string, own ...method.Param) method.Card {
	return method.Card{Name: name, Title: title, Paper: paper, Roles: []method.Role{"client"}, Params: training(own...), Trains: []string{upload}}
}

func (t trained) Describe() method.Card { return t.card }

func (t trained) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	p := r.Params
	was, err := recall(r.State)
	if err != nil {
		return method.PlanResponse{}, err
	}
	goesOn := was.Base == r.Start.Base && len(r.State.Holds) > 0
	if !goesOn {
		was = memory{Base: r.Start.Base}
	}
	if was.Rank, err = rankOf(r, was.Rank); err != nil {
		return method.PlanResponse{}, err
	}
	part := method.LoRA{Name: upload, Modules: method.Patterns(p.Text("modules")), Rank: was.Rank, Scale: p.Float("scale"), Dropout: p.Float("dropout"), Shared: true}
	if err := t.begin(r, &part, &was); err != nil {
		return method.PlanResponse{}, err
	}
	if plus := p.Float("plus"); plus != 1 {
		part.Rates = append(part.Rates, method.RateAt{Modules: "*", Factor: "B", Times: plus})
	}
	fit := method.Fit{
		Model: r.Start, Objective: method.CE, Steps: p.Int("steps"), Batch: p.Int("batch"), Clip: p.Float("clip"),
		Optimiser: method.Optimiser{Name: "adamw", LR: p.Float("lr")}, // no decay: it would shrink what was taken out of the weight
		Schedule:  method.Schedule{Name: p.Text("schedule"), Warmup: p.Float("warmup"), Total: p.Int("steps") * r.Stage.Rounds},
	}
	a := method.Assignment{Name: "fit", Upload: []string{upload}}
	if goesOn {
		part.From.Blob, part.Rank = r.State.Holds[0], 0
		fit.Resume = true
	}
	if r.Stage.Round+1 < r.Stage.Rounds {
		a.Keep = []string{method.KeptOptimiser}
	}
	fit.Train = []method.Part{part}
	a.Recipe = fit
	state := method.State{Holds: slices.Clone(r.State.Holds)}
	if !goesOn {
		state.Holds = nil
	}
	if was.Begins != "" && !slices.Contains(state.Holds, was.Begins) {
		state.Holds = append(state.Holds, was.Begins)
	}
	state.Bytes, err = json.Marshal(was)
	return method.PlanResponse{State: state, Assign: []method.Assignment{a}}, err
}

func recall(s method.State) (m memory, err error) {
	if len(s.Bytes) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(s.Bytes, &m); err != nil {
		return m, fmt.Errorf("ailora: the state is not one of ours: %w", err)
	}
	return m, nil
}

// rankOf is the one rank at which everyone offered trains.
func rankOf(r method.PlanRequest, was int) (rank int, err error) {
	stated := r.Params.Int("rank")
	rank = max(was, stated)
	for _, p := range r.Offered {
		switch {
		case p.Rank == 0: // no limit
		case rank > p.Rank && (stated > 0 || was > 0):
			return 0, fmt.Errorf("ailora: the adapter has rank %d, and %s can hold %d: lower `rank`, or raise the rank of pool %q", rank, p.ID, p.Rank, p.ID.Pool)
		case rank == 0 || p.Rank < rank:
			rank = p.Rank
		}
	}
	if rank == 0 {
		rank = usualRank
	}
	return rank, nil
}

// Fold averages the factors by examples. All began at the same start, so their mean has it.
func (t trained) Fold(_ context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	var mean lora.Mean
	n, err := method.Examples(r.Reports)
	if err != nil {
		return method.FoldResponse{}, err
	}
	if n <= 0 {
		return method.FoldResponse{}, fmt.Errorf("ailora: %d reports, and not one example behind them: shares by examples are undefined", r.Reports.Len())
	}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return method.FoldResponse{}, err
		}
		x, err := r.Blobs.Open(rep.Blob(upload))
		if err == nil {
			err = mean.Add(float64(rep.Examples)/n, x)
		}
		if err != nil {
			return method.FoldResponse{}, fmt.Errorf("ailora: the report of %s: %w", rep.From, err)
		}
	}
	adapter := mean.Adapter()
	b, err := r.Blobs.Put(adapter.Tensors())
	if err != nil {
		return method.FoldResponse{}, err
	}
	was, err := recall(r.State)
	state := method.State{Bytes: r.State.Bytes, Holds: []method.Blob{b}}
	if was.Begins != "" {
		state.Holds = append(state.Holds, was.Begins)
	}
	model := r.Start
	model.Attach = append(slices.Clone(model.Attach), method.Attach{Name: upload, From: method.From{Blob: b}, Scale: 1})
	return method.FoldResponse{State: state, Deploy: &model, Flops: 2 * float64(adapter.Floats()*r.Reports.Len()),
		Values: []method.Value{{Name: "rank", Value: float64(adapter.Rank()), Weight: 1}}}, err
}
