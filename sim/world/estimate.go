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
	Adapter int64 // bytes of all that is uploaded in the largest round
	Base    int64 // bytes of the bases
}

// wholeWeights is the method that trains no adapter but the weights themselves, which its card
// does not say of it.
const wholeWeights = "full-fine-tuning"

// sampled bounds how many participants of a pool are looked at.
const sampled = 64

// Estimate takes it that each member of the chain has each participant of its rounds go
// over its shard by its parameter epochs (once, where it has none), with an adapter on its
// parameter modules (q and v, where it has none), at the largest rank that the participant
// can hold (8, where nothing says), and send it up and another of its size down. The average
// is over the first 64 of a pool; evaluations are counted example by example, through the
// experts that there are by then. A method that says itself when a task is learned takes the
// rounds of its parameter rounds_each, one that has all data in one place sends from there
// alone, SCAFFOLD's controls travel beside what they are of, and one that finds experts makes their keys once a
// task; see estimate_route.go. Full fine-tuning trains and moves the weights of its modules. Work is nominal, as in [World.Price].
func (w *World) Estimate(f coordinator.Fixed) (e Estimate) {
	for _, b := range w.Bases {
		e.Base += 4 * int64(b.Model.Config().Params())
	}
	for _, m := range f.Members {
		if rounds(m) == 0 {
			return Estimate{Base: e.Base}
		}
		for i, stage := range f.Stages {
			if len(m.Stages) == 0 || slices.Contains(m.Stages, stage.Name) {
				e.Rounds += rounds(m)
				for _, role := range m.Card.Roles {
					w.addRounds(&e, m, cmp.Or(m.Roles[role], string(role)), i, stage.Base)
				}
			}
		}
	}
	for i := range f.Asks {
		w.addAsk(&e, f, i)
	}
	return e
}

// addRounds adds what the rounds of a member in one stage cost one of its pools.
func (w *World) addRounds(e *Estimate, m coordinator.Member, poolName string, stage int, base string) {
	p := w.pool(poolName)
	n := min(p.size, sampled)
	flops, floats, controls := 0.0, 0, 0
	x, finds := findingOf(m.Params)
	keyFlops, keyBytes := 0.0, int64(0)
	for i := range n {
		rank, _ := p.lot(i)
		id, fit := method.ID{Pool: poolName, Index: i}, nominal(m, base, cmp.Or(rank, 8))
		flops += w.flops(stage, id, fit)
		b, err := w.Base(base)
		if err != nil {
			continue
		}
		floats += w.adapterParams(b, fit) + w.weightParams(b, fit)
		controls += w.steered(b, fit)
		if !finds {
			continue
		}
		if l, ok := w.load(stage, id, base, method.Data{}); ok {
			work, bytes := w.keys(x, b, l, cmp.Or(rank, 8))
			keyFlops, keyBytes = keyFlops+work, keyBytes+bytes
		}
	}
	cohort := p.size
	switch {
	case m.Regime.Flying > 0:
		cohort = min(cohort, m.Regime.Close)
	case p.offer.N > 0:
		cohort = min(cohort, int(float64(max(1, m.Regime.Over)*float64(p.offer.N))))
	}
	e.Flops += float64(float64(cohort*rounds(m)) * (flops / float64(n)))
	if slices.Contains(m.Card.Needs, method.NeedOnePlace) {
		cohort = 1 // does the work of all
	}
	each, leases := 4*int64(floats+controls)/int64(n), cohort*rounds(m)
	sent := (data.PerNumber(p.upload.Encode)*int64(floats) + 4*int64(controls)) / int64(n) // no code is for controls
	e.Leases += leases
	e.Up += sent * int64(leases)
	e.Down += each * int64(leases)
	e.Adapter = max(e.Adapter, each*int64(cohort))
	if keyBytes > 0 {
		e.Rounds++
		e.Leases += cohort
		e.Flops += float64(float64(cohort) * (keyFlops / float64(n)))
		e.Up += keyBytes / int64(n) * int64(cohort)
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
	if m.Card.Name == wholeWeights {
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
