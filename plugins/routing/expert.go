package routing

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// lesson is what a participant does to train the task's adapter.
type lesson struct {
	on    method.Model  // frozen
	terms []method.Term // none: the plain objective
	data  method.Data
	fresh bool // begin anew in every stage, rather than where the last stage ended
}

// settle finds the rank of an adapter when it begins: what the scenario says, or the smallest
// that anyone offered can hold. Those who cannot hold it are not asked; to is empty where
// everyone is.
func (m *memory) settle(r method.PlanRequest, fresh bool) (to []method.ID, err error) {
	if m.Done == 0 && (fresh || m.Now == "") {
		m.Rank = 0
	}
	if m.Rank == 0 {
		m.Rank = r.Params.Int("rank")
		for _, p := range r.Offered {
			if r.Params.Int("rank") == 0 && p.Rank > 0 && (m.Rank == 0 || p.Rank < m.Rank) {
				m.Rank = p.Rank
			}
		}
		if m.Rank == 0 {
			m.Rank = 8
		}
	}
	for _, p := range r.Offered {
		if p.Role == "expert" && (p.Rank == 0 || p.Rank >= m.Rank) {
			to = append(to, p.ID)
		}
	}
	switch len(to) {
	case 0:
		return nil, fmt.Errorf("routing: the adapter of stage %q has rank %d, and none of the %d participants offered can hold it: lower `rank`, or raise that of their pool", r.Stage.Name, m.Rank, len(r.Offered))
	case len(r.Offered):
		return nil, nil
	}
	return to, nil
}

// ask has those who can train the task's adapter train it.
func (m *memory) ask(r method.PlanRequest, x lesson) (method.Assignment, error) {
	to, err := m.settle(r, x.fresh)
	if err != nil {
		return method.Assignment{}, err
	}
	p := r.Params
	part := method.LoRA{Name: trained, Modules: method.Patterns(p.Text("modules")), Rank: m.Rank, Scale: p.Float("scale"), Dropout: p.Float("dropout"),
		Init: r.Inits(method.InitAt{Modules: "*", Init: method.Kaiming{}}), Shared: p.Text("aggregate") == "mean"}
	on := x.on
	switch {
	case p.Text("aggregate") == "stack": // each round adds a change to what it finds, merged
		if m.Done == 0 && !x.fresh && m.Now != "" {
			m.Stacks = []method.Blob{m.Now}
		}
		for i, b := range m.Stacks {
			on = beside(on, fmt.Sprintf("round.%d", i), b, 1)
			on.Attach[len(on.Attach)-1].Merge = true
		}
	case m.Done > 0 || !x.fresh:
		part.From.Blob = m.Now
	}
	terms := x.terms
	if len(terms) == 0 {
		terms = method.CE
	}
	return method.Assignment{Name: "fit", To: to, Upload: []string{trained}, Recipe: method.Fit{
		Model: on, Train: []method.Part{part}, Data: x.data, Objective: terms,
		Optimiser: method.Optimiser{Name: "adamw", LR: p.Float("lr")},
		Schedule:  method.Schedule{Name: p.Text("schedule"), Warmup: p.Float("warmup")},
		Epochs:    p.Float("epochs"), Batch: p.Int("batch"), Clip: p.Float("clip"),
	}}, nil
}

// join makes one adapter of what the participants returned, by `aggregate`, and puts it to
// work. Values tell what a cut lost.
func (m *memory) join(r method.FoldRequest) (values []method.Value, flops float64, err error) {
	var mean lora.Mean
	var stack lora.Stack
	how := r.Params.Text("aggregate")
	n := 0.0
	for rep, err := range r.Reports.All() {
		if err != nil {
			return nil, 0, err
		}
		if rep.Name == "fit" {
			n += float64(rep.Examples)
		}
	}
	if n == 0 {
		return nil, 0, fmt.Errorf("routing: %d reports, and not one example behind an adapter: shares by examples are undefined", r.Reports.Len())
	}
	for rep, err := range r.Reports.All() {
		if err != nil {
			return nil, 0, err
		}
		if rep.Name != "fit" {
			continue
		}
		a, err := openLoRA(r.Blobs, rep.Blob(trained))
		if err == nil && how == "mean" {
			err = mean.AddAdapter(float64(rep.Examples)/n, a)
		} else if err == nil {
			err = stack.AddAdapter(float64(rep.Examples)/n, a)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("routing: the report of %s: %w", rep.From, err)
		}
		flops += 2 * float64(a.Floats())
	}
	last := m.Done+1 == r.Params.Int("rounds_each")
	switch {
	case how == "mean":
		m.Now, err = r.Blobs.Put(mean.Tensors())
	case how == "svd":
		m.Now, values, err = cut(&stack, m.Rank, r)
	case !last:
		b, err := r.Blobs.Put(stack.Tensors())
		m.Stacks = append(m.Stacks, b)
		return nil, flops, err
	default:
		for _, b := range m.Stacks {
			a, err := openLoRA(r.Blobs, b)
			if err == nil {
				err = stack.AddAdapter(1, a)
			}
			if err != nil {
				return nil, 0, err
			}
		}
		m.Now, values, err = cut(&stack, m.Rank, r)
	}
	return values, flops, err
}

// cut takes a sum of changes to the best adapter of a rank, and tells the share of its norm
// that this lost.
func cut(stack *lora.Stack, rank int, r method.FoldRequest) (method.Blob, []method.Value, error) {
	top, err := stack.Top(rank, 1)
	if err != nil {
		return "", nil, err
	}
	top = top.Rescale(r.Params.Float("scale"))
	var gap lora.GapMeter
	gap.Made(1, stack.Adapter())
	gap.Deployed(1, top)
	b, err := r.Blobs.Put(top.Tensors())
	return b, []method.Value{{Name: "expert.cut", Value: gap.Gap().Relative(), Weight: 1}}, err
}

// openLoRA opens an adapter.
func openLoRA(blobs method.Blobs, b method.Blob) (lora.Adapter, error) {
	if b == "" {
		return nil, fmt.Errorf("it has no %q", trained)
	}
	t, err := blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return lora.Parse(t)
}
