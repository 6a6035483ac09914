package world

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// finding is how a member finds experts, as far as its parameters say: those that methods of
// routers have by these names.
type finding struct {
	modules   []string
	gateSteps int  // updates that train the keys of a task
	batch     int  // examples in each
	looked    bool // keys come of one look at what enters the modules
	scored    bool // keys are compared with every token
	topK      int  // experts that share one; 0: all
	stored    int  // examples of a task whose prompts are embedded; −1: all
	prompts   bool // experts are found so: every input is embedded too
}

// findingOf reads a member's parameters; ok is false of one that finds no experts.
func findingOf(p method.Values) (f finding, ok bool) {
	number := func(name string) int { n, _ := p[name].(int); return n }
	router, routes := p["router"].(string)
	_, f.prompts = p["stored"]
	if !routes && !f.prompts {
		return f, false
	}
	text, _ := p["modules"].(string)
	f.modules, f.batch, f.topK = method.Patterns(text), number("batch"), number("top_k")
	switch {
	case f.prompts:
		if f.stored, f.topK = number("stored"), 1; f.stored == 0 {
			f.stored = -1
		}
	case router == "gates", router == "sequence":
		f.gateSteps, f.scored = number("gate_steps"), true
	case router == "activation", router == "activation-sequence":
		f.looked, f.scored = true, true
	case router == "arrow":
		f.scored = true
	case router == "uniform":
		f.topK = 0
	}
	return f, true
}

// keys is what it costs a participant to make the keys of its task's expert: the gates' updates
// behind the frozen expert, a look, or a pass over the prompts that are stored; and the bytes
// that they are.
func (w *World) keys(f finding, b *base.Base, l load, rank int) (flops float64, bytes int64) {
	if l.rows == 0 {
		return 0, 0
	}
	behind, in := 0.0, 0
	for _, m := range w.modules(b, f.modules) {
		behind += float64(4*min(rank, m.In, m.Out)*(m.In+m.Out) + 6*m.In)
		in += m.In
	}
	switch {
	case f.prompts:
		n := l.rows
		if f.stored > 0 {
			n = min(n, f.stored)
		}
		return l.forward() * float64(n) / float64(l.rows), 4 * int64(n*b.Model.Config().Width)
	case f.gateSteps > 0:
		size := f.batch
		if size == 0 {
			size = l.rows
		}
		passes := float64(f.gateSteps*size) / float64(l.rows)
		return passes * (float64(2*l.forward()) + float64(behind*l.tokens)), 4 * int64(in)
	case f.looked:
		return l.forward(), 4 * int64(in)
	}
	return 0, 0
}

// mixing is what it costs to answer rows through so many experts, beside the base: for each token
// and module the scores of all and the factors of those that it goes to.
func (w *World) mixing(f finding, b *base.Base, l load, rank, experts int) float64 {
	chosen := experts
	if f.topK > 0 {
		chosen = min(f.topK, experts)
	}
	each := 0.0
	for _, m := range w.modules(b, f.modules) {
		if f.scored {
			each += float64(2 * experts * m.In)
		}
		each += float64(2 * chosen * min(rank, m.In, m.Out) * (m.In + m.Out))
	}
	sum := each * l.tokens
	if f.prompts {
		sum += l.forward()
	}
	return sum
}

// rounds is how many rounds a member takes in a stage: those of the scenario, or, of a method that
// says itself when a task is learned, those that its parameters give a task; 0: nobody knows.
func rounds(m coordinator.Member) int {
	if n, ok := m.Params["rounds_each"].(int); ok && m.Rounds == 0 {
		return n
	}
	return m.Rounds
}

// addAsk adds what the examples of an evaluation cost: as often as it comes, through the experts
// that there are by then.
func (w *World) addAsk(e *Estimate, f coordinator.Fixed, ask int) {
	l, ok := w.read(w.Bases[0], w.asks[ask])
	if !ok {
		return
	}
	a, times, tasks := f.Asks[ask], 1, len(f.Stages)
	switch {
	case a.Every > 0:
		times = e.Rounds/a.Every + 1
	case a.At == "stage-end":
		times = tasks
	}
	e.Flops += float64(float64(times) * l.forward())
	for _, m := range f.Members {
		x, finds := findingOf(m.Params)
		if !finds {
			continue
		}
		rank := w.rankOf(m)
		for k := range times {
			experts := tasks
			if a.At == "stage-end" {
				experts = k + 1
			}
			e.Flops += w.mixing(x, w.Bases[0], l, rank, experts)
		}
	}
}

// smallest is the smallest rank among the first of a member's pools, 8 where nothing says.
func (w *World) smallest(m coordinator.Member) int {
	var ranks []int
	for _, role := range m.Card.Roles {
		p := w.pool(cmp.Or(m.Roles[role], string(role)))
		for i := range min(p.size, sampled) {
			if rank, _ := p.lot(i); rank > 0 {
				ranks = append(ranks, rank)
			}
		}
	}
	if len(ranks) == 0 {
		return 8
	}
	return slices.Min(ranks)
}
