package world

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// habit is what the leases of a method that learns tasks in turn have beside a Fit, which its
// card does not say. Adapters are counted by their numbers; those of the past are frozen.
type habit struct {
	fresh  bool // a task begins with nothing of the one before
	apart  bool // what it deploys has an adapter for each task
	past   bool // all adapters before stand beside the one that is trained
	held   int  // so many times the adapter are what training is held to
	sent   int  // of those, as many come by the wire beside the start
	taught bool // what training is held to answers too: a teacher's pass
	gates  bool // the finished expert comes back for its keys, where they are trained
	seen   bool // it trains on what it saw before, as far as that is granted
	// looks is what a round more costs a participant that looks at the finished adapter, and what
	// it sends of that; nil: there is none.
	looks func(m coordinator.Member, l load, size int) (flops float64, bytes int64)
}

var habits = map[string]habit{
	"routing": {fresh: true, apart: true, gates: true}, "routing-generic": {fresh: true, apart: true, gates: true},
	"routing-retrieval": {fresh: true, apart: true}, "routing-pooled": {fresh: true, apart: true}, "routing-oracle": {fresh: true, apart: true},
	"task-arithmetic": {fresh: true, apart: true}, "ties": {fresh: true}, "dare": {fresh: true},
	"o-lora": {fresh: true, apart: true, past: true},
	"joint":  {fresh: true, seen: true}, "replay": {seen: true}, "sequential": {},
	"lwf": {held: 1, taught: true}, "ewc": {held: 2, sent: 1, looks: informed}, "derpp": {looks: remembered},
}

// carried is what the leases of a member in a stage have of frozen adapters, in numbers of one
// participant.
type carried struct {
	memory int // in the lease that has most, beside the base and what is trained
	once   int // come by the wire once in the stage
	each   int // come in each of its rounds
	after  int // come for the round after them
}

// carriedOf counts them for an adapter of so many numbers. begun says how many stages the member has
// had; below, how many numbers are attached below it; known, that the participant had work in the
// last of those stages, and holds what it was given then.
func carriedOf(m coordinator.Member, begun, size, below int, known bool) (c carried) {
	h, tasks := habits[m.Card.Name]
	starts := rounds(m)
	if tasks && (h.fresh || begun == 0) {
		starts-- // the first round begins at nothing
	}
	if h.looks != nil && known {
		starts-- // what it looked at last is where it begins
	}
	c.each = starts * size
	if h.past {
		c.memory, c.once = begun*size, begun*size
		if known {
			c.once = min(begun, 1) * size
		}
	}
	if begun > 0 {
		c.memory += h.held * size
		c.once += h.sent * size
	}
	router, _ := m.Params["router"].(string)
	if h.looks != nil || h.gates && (router == "gates" || router == "sequence") {
		c.after = size
	}
	c.memory += below
	c.once += below
	return c
}

// attached is what the members before one in the chain have put beside the base by a stage: an
// adapter each, or one for each task that they have learned.
func (w *World) attached(f coordinator.Fixed, m coordinator.Member, stage int) (sum int) {
	for _, x := range f.Members {
		if x.Name == m.Name {
			break
		}
		n := 0
		for _, s := range f.Stages[:stage+1] {
			if x.Works(s.Name) {
				n++
			}
		}
		if !habits[x.Card.Name].apart {
			n = min(n, 1)
		}
		b, err := w.Base(f.Stages[stage].Base)
		if err != nil || n == 0 {
			continue
		}
		sum += n * w.adapterParams(b, nominal(x, b.Name, w.rankOf(x)))
	}
	return sum
}

// rankOf is the rank of the adapters that a member deploys: its own, or the smallest of its pools.
func (w *World) rankOf(m coordinator.Member) int {
	rank, _ := m.Params["rank"].(int)
	if rank == 0 {
		rank = w.smallest(m)
	}
	return rank
}

// teach adds what a task after the first is held to, as far as that is work: a teacher's pass; and
// has those who look back read what they saw.
func (h habit) teach(f *method.Fit, begun int) {
	if h.taught && begun > 0 {
		f.Objective = append(f.Objective, method.Times(1, method.Distill{Teacher: f.Model}))
	}
	if h.seen {
		f.Data = method.Data{From: []method.Source{{Name: "seen"}}}
	}
}

// informed looks for the Fisher information, and sends it with a count.
func informed(_ coordinator.Member, l load, size int) (flops float64, bytes int64) {
	return 2 * l.forward(), 4 * int64(size+1)
}

// remembered answers what its memory holds, and keeps that.
func remembered(m coordinator.Member, l load, _ int) (flops float64, bytes int64) {
	memory, _ := m.Params["memory"].(int)
	return l.forward() * float64(min(memory, l.rows)) / float64(max(l.rows, 1)), 0
}

// generic is the role of those who are looked at once, for a key of the expert that says nothing.
const generic = method.Role("generic")

// addLook adds that look.
func (w *World) addLook(e *Estimate, m coordinator.Member, poolName string, stage, begun int) {
	if begun > 0 {
		return
	}
	x, _ := findingOf(m.Params)
	x.looked, x.gateSteps = true, 0
	p := w.pool(poolName)
	for i := range min(p.size, sampled) {
		b := w.Bases[0]
		if l, ok := w.load(stage, method.ID{Pool: poolName, Index: i}, b.Name, method.Data{}); ok {
			flops, bytes := w.keys(x, b, l, 1)
			e.Leases, e.Flops, e.Up = e.Leases+1, e.Flops+flops, e.Up+bytes
		}
	}
}
