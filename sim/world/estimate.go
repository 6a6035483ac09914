package world

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/data"
)

// Estimate is what a trial will cost, as far as that can be said before a method has made
// its first plan.
type Estimate struct {
	Rounds  int // 0: a method goes on until it has finished, and nothing below is known
	Leases  int // of participants
	Flops   float64
	Up      int64 // bytes
	Down    int64 // bytes
	Round   int64 // bytes that are stored in the largest round, or in all where rounds overlap
	Stored  int64 // bytes that are stored in all rounds
	Stays   int64 // bytes of those that are needed to the end, at most
	Base    int64 // bytes of the bases
	Largest Lease // of all; the zero value: none is known
}

// sampled bounds how many participants of a pool are looked at.
const sampled = 64

// Estimate takes it that each member of the chain has each participant of its rounds who sees
// something in a stage go over its shard by its parameter epochs (once, where it has none), with
// an adapter on its parameter modules (q and v, where it has none), at the largest rank that the
// participant can hold (8, where nothing says), and send it up and another of its size down. The
// average is over the first 64 of a pool; evaluations are counted example by example, through the
// experts that there are by then. A method that says itself when a task is learned takes the
// rounds of its parameter rounds_each, one that has all data in one place sends from there
// alone, SCAFFOLD's controls travel beside what they are of, one that finds experts makes their
// keys once a task (see estimate_route.go), and frozen adapters travel to leases that name them
// and take their memory there (estimate_tasks.go). One whose card says so trains and moves the
// weights of its modules. Work is nominal, as in [World.Price].
func (w *World) Estimate(f coordinator.Fixed) (e Estimate) {
	for _, b := range w.Bases {
		e.Base += 4 * int64(b.Model.Config().Params())
	}
	for _, m := range f.Members {
		if rounds(m) == 0 {
			return Estimate{Base: e.Base}
		}
		begun := 0
		for i, stage := range f.Stages {
			if !m.Works(stage.Name) {
				continue
			}
			e.Rounds += rounds(m)
			for _, role := range m.Card.Roles {
				pool := cmp.Or(m.Roles[role], string(role))
				if role == generic {
					w.addLook(&e, m, pool, i, begun)
					continue
				}
				w.addRounds(&e, f, m, pool, i, begun)
			}
			begun++
		}
	}
	for i := range f.Asks {
		w.addAsk(&e, f, i)
	}
	return e
}

// sample is what a round costs the first of a pool, added up over those who see data in a stage.
type sample struct {
	all, seeing          int // participants
	flops                float64
	floats, controls     int // numbers that are sent
	frozen               carried
	keyFlops, afterFlops float64
	keyBytes, afterBytes int64
	largest              Lease
	most                 int // numbers of the largest adapter
	modules              int // of the base
}

// sampleOf looks at the first of a pool in a stage in which a member has begun so many times
// before.
func (w *World) sampleOf(f coordinator.Fixed, m coordinator.Member, p *pool, stage, begun int) (s sample) {
	h := habits[m.Card.Name]
	x, finds := findingOf(m.Params)
	b, err := w.Base(f.Stages[stage].Base)
	if err != nil {
		return s
	}
	below := w.attached(f, m, stage)
	s.modules = len(b.Model.Modules())
	for i := range min(p.size, sampled) {
		s.all++
		id := method.ID{Pool: p.name, Index: i}
		if w.Sees(stage, id) == 0 && !f.Stages[stage].Blind {
			continue // is not offered
		}
		s.seeing++
		rank, device := p.lot(i)
		fit := nominal(m, b.Name, cmp.Or(rank, 8))
		h.teach(&fit, begun)
		s.flops += w.flops(stage, fit)(id)
		size := w.adapterParams(b, fit) + w.weightParams(b, fit)
		s.floats += size
		s.most = max(s.most, size)
		s.controls += w.steered(b, fit)
		c := carriedOf(m, begun, size, below, stage > 0 && w.Sees(stage-1, id) > 0)
		s.frozen.each, s.frozen.once, s.frozen.after = s.frozen.each+c.each, s.frozen.once+c.once, s.frozen.after+c.after
		s.largest = s.largest.Worse(Lease{trainingBytes(w.params(b), size) + 4*int64(c.memory), id, room(device)})
		if !finds && h.looks == nil {
			continue
		}
		l, ok := w.load(stage, id, b.Name, method.Data{})
		if !ok {
			continue
		}
		if h.looks != nil {
			work, bytes := h.looks(m, l, size)
			s.afterFlops, s.afterBytes = s.afterFlops+work, s.afterBytes+bytes
		}
		if finds {
			work, bytes := w.keys(x, b, l, cmp.Or(rank, 8))
			s.keyFlops, s.keyBytes = s.keyFlops+work, s.keyBytes+bytes
		}
	}
	return s
}

// addRounds adds what the rounds of a member in one stage cost one of its pools.
func (w *World) addRounds(e *Estimate, f coordinator.Fixed, m coordinator.Member, poolName string, stage, begun int) {
	p := w.pool(poolName)
	s := w.sampleOf(f, m, p, stage, begun)
	if s.seeing == 0 {
		return
	}
	e.Largest = e.Largest.Worse(s.largest)
	n, cohort := s.seeing, (p.size*s.seeing+s.all-1)/s.all
	switch {
	case m.Regime.Flying > 0:
		cohort = min(cohort, m.Regime.Close)
	case p.offer.N > 0:
		cohort = min(cohort, int(float64(max(1, m.Regime.Over)*float64(p.offer.N))))
	}
	e.Flops += float64(float64(cohort*rounds(m)) * (s.flops / float64(n)))
	if slices.Contains(m.Card.Needs, method.NeedOnePlace) {
		cohort = 1 // does the work of all
	}
	each, leases := 4*int64(s.floats+s.controls)/int64(n), cohort*rounds(m)
	sent := (data.PerNumber(p.upload.Encode)*int64(s.floats) + 4*int64(s.controls)) / int64(n) // no code is for controls
	e.Leases += leases
	e.Up += sent * int64(leases)
	e.Down += (4 * int64(s.frozen.each+s.frozen.once+s.controls*rounds(m)) / int64(n)) * int64(cohort)
	e.addStored(m, p, s, each, cohort, leases)
	for _, more := range []struct {
		flops float64
		bytes int64
	}{{s.keyFlops, s.keyBytes}, {s.afterFlops, s.afterBytes}} {
		if more.flops == 0 {
			continue
		}
		e.Rounds++
		e.Leases += cohort
		e.Flops += float64(float64(cohort) * (more.flops / float64(n)))
		e.Up += more.bytes / int64(n) * int64(cohort)
		e.Down += 4 * int64(s.frozen.after) / int64(n) * int64(cohort)
	}
}

// nominal is the Fit that is taken for whatever a member will ask.
func nominal(m coordinator.Member, base string, rank int) method.Fit {
	params, fit := m.Params, method.Fit{Model: method.Model{Base: base}, Epochs: 1}
	if epochs, ok := params["epochs"].(float64); ok {
		fit.Epochs = epochs
	}
	modules := []string{"*.q", "*.v"}
	if text, ok := params["modules"].(string); ok {
		modules = method.Patterns(text)
	}
	const part = "trained"
	fit.Train = []method.Part{method.LoRA{Name: part, Modules: modules, Rank: rank}}
	if m.Card.Weights {
		weights := method.Weights{Name: part}
		if text, ok := params["modules"].(string); ok && text != "*" {
			weights.Modules = modules
		}
		fit.Train = []method.Part{weights}
	}
	if control, ok := params["control"].(string); ok && control == "scaffold" {
		fit.Batch, _ = params["batch"].(int)
		fit.Objective = []method.Term{method.Times(1, method.Control{Of: part})}
	}
	return fit
}
