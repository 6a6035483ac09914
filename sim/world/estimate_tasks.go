package world

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// habit is what the leases of a method that learns tasks in turn have beside a Fit, which its
// card does not say. Adapters are counted by their numbers; those of the past are frozen.
type habit struct {
	fresh bool // a task begins with nothing of the one before
	apart bool // what it deploys has an adapter for each task
	past  bool // all adapters before stand beside the one that is trained
	held  int  // so many times the adapter are what training is held to
	sent  int  // of those, as many come by the wire beside the start
	gates bool // the finished expert comes back for its keys, where they are trained
	after bool // a round more looks at the finished adapter
	seen  bool // it trains on what it saw before, as far as that is granted
}

var habits = map[string]habit{
	"routing": {fresh: true, apart: true, gates: true}, "routing-generic": {fresh: true, apart: true, gates: true},
	"routing-retrieval": {fresh: true, apart: true}, "routing-pooled": {fresh: true, apart: true}, "routing-oracle": {fresh: true, apart: true},
	"task-arithmetic": {fresh: true, apart: true}, "ties": {fresh: true}, "dare": {fresh: true},
	"o-lora": {fresh: true, apart: true, past: true},
	"joint":  {fresh: true, seen: true}, "replay": {seen: true}, "sequential": {},
	"lwf": {held: 1}, "ewc": {held: 2, sent: 1, after: true}, "derpp": {after: true},
}

// carried is what the leases of a member in a stage have of frozen adapters, in numbers of one
// participant.
type carried struct {
	memory int // in the lease that has most, beside the base and what is trained
	once   int // come by the wire once in the stage
	each   int // come in each of its rounds
	after  int // come for the round after them
}

// carried counts them for an adapter of so many numbers. begun says how many stages the member has
// had; known, that the participant had work in the last of them, and holds what it was given then.
func (w *World) carried(f coordinator.Fixed, m coordinator.Member, stage, begun, size int, known bool) (c carried) {
	h, tasks := habits[m.Card.Name]
	starts := rounds(m)
	if tasks && (h.fresh || begun == 0) {
		starts-- // the first round begins at nothing
	}
	if h.after && known {
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
	if h.after || h.gates && (router == "gates" || router == "sequence") {
		c.after = size
	}
	below := w.attached(f, m, stage)
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
			if works(x, s.Name) {
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

// works says whether a member of the chain has work in a stage.
func works(m coordinator.Member, stage string) bool {
	return len(m.Stages) == 0 || slices.Contains(m.Stages, stage)
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
func teach(m coordinator.Member, f *method.Fit, begun int) {
	if m.Card.Name == "lwf" && begun > 0 {
		f.Objective = append(f.Objective, method.Times(1, method.Distill{Teacher: f.Model}))
	}
	if habits[m.Card.Name].seen {
		f.Data = method.Data{From: []method.Source{{Name: "seen"}}}
	}
}

// afterwards is what the round over a finished adapter costs a participant: a look at it, and
// what it sends of that.
func (w *World) afterwards(m coordinator.Member, l load, size int) (flops float64, bytes int64) {
	switch m.Card.Name {
	case "ewc":
		return 2 * l.forward(), 4 * int64(size+1) // the Fisher information and a count
	case "derpp":
		memory, _ := m.Params["memory"].(int)
		return l.forward() * float64(min(memory, l.rows)) / float64(max(l.rows, 1)), 0
	}
	return 0, 0
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
