package world

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Estimate is what a trial will cost, as far as that can be said before a method has made
// its first plan.
type Estimate struct {
	Rounds  int // 0: a method goes on until it has finished, and nothing below is known
	Leases  int // of participants
	Flops   float64
	Up      int64 // bytes
	Down    int64 // bytes
	Adapter int64 // bytes of all that is uploaded in the largest round
	Base    int64 // bytes of the bases
}

// sampled bounds how many participants of a pool are looked at.
const sampled = 64

// Estimate takes it that each member of the chain has each participant of its rounds go
// over its shard by its parameter epochs (once, where it has none), with an adapter on its
// parameter modules (q and v, where it has none), at the largest rank that the participant
// can hold (8, where nothing says), and send it up and another of its size down. The average
// is over the first 64 of a pool; evaluations are counted example by example. Work is
// nominal, as in [World.Price].
func (w *World) Estimate(f coordinator.Fixed) (e Estimate) {
	for _, b := range w.Bases {
		e.Base += 4 * int64(b.Model.Config().Params())
	}
	for _, m := range f.Members {
		if m.Rounds == 0 {
			return Estimate{Base: e.Base}
		}
		for i, stage := range f.Stages {
			if len(m.Stages) == 0 || slices.Contains(m.Stages, stage.Name) {
				e.Rounds += m.Rounds
				for _, role := range m.Card.Roles {
					w.addRounds(&e, m, cmp.Or(m.Roles[role], string(role)), i, stage.Base)
				}
			}
		}
	}
	for i, a := range f.Asks {
		times := 1
		if a.Every > 0 {
			times = e.Rounds/a.Every + 1
		}
		if l, ok := w.read(w.Bases[0], w.asks[i]); ok {
			e.Flops += float64(float64(times) * l.forward())
		}
	}
	return e
}

// addRounds adds what the rounds of a member in one stage cost one of its pools.
func (w *World) addRounds(e *Estimate, m coordinator.Member, poolName string, stage int, base string) {
	p := w.pool(poolName)
	n := min(p.size, sampled)
	flops, floats := 0.0, 0
	for i := range n {
		rank, _ := p.lot(i)
		fit := nominal(m.Params, base, cmp.Or(rank, 8))
		flops += w.flops(stage, method.ID{Pool: poolName, Index: i}, fit)
		if b, err := w.Base(base); err == nil {
			floats += w.adapterParams(b, fit)
		}
	}
	cohort := p.size
	switch {
	case m.Regime.Flying > 0:
		cohort = min(cohort, m.Regime.Close)
	case p.offer.N > 0:
		cohort = min(cohort, int(float64(max(1, m.Regime.Over)*float64(p.offer.N))))
	}
	each, leases := 4*int64(floats)/int64(n), cohort*m.Rounds
	e.Leases += leases
	e.Flops += float64(float64(leases) * (flops / float64(n)))
	e.Up += each * int64(leases)
	e.Down += each * int64(leases)
	e.Adapter = max(e.Adapter, each*int64(cohort))
}

// nominal is the Fit that is taken for whatever a member will ask.
func nominal(params method.Values, base string, rank int) method.Fit {
	fit := method.Fit{Model: method.Model{Base: base}, Epochs: 1}
	if epochs, ok := params["epochs"].(float64); ok {
		fit.Epochs = epochs
	}
	modules := []string{"*.q", "*.v"}
	if text, ok := params["modules"].(string); ok {
		modules = method.Patterns(text)
	}
	fit.Train = []method.Part{method.LoRA{Modules: modules, Rank: rank}}
	return fit
}
