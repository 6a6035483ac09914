package world

import (
	"fmt"
	"sync"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
)

// World is what one trial lives in. It is immutable and safe for concurrent use.
type World struct {
	Trial   plan.Trial
	Bases   []*base.Base            // in order of their names
	starts  map[string]lora.Adapter // that were there before the trial, by base
	assets  *Assets
	key     rng.Key   // of all draws of the trial
	sets    []*set    // in order of their names
	classes []class   // of devices, in order of their names
	pools   []*pool   // in order of their names
	stages  []stage   // in order; a stage for each task is one for each here
	asks    [][]Row   // the examples of each evaluation
	pieces  [][]piece // of each, what is one piece of work

	selected sync.Map // modules, by base and patterns
	counted  sync.Map // weights, by base
}

// set is a data set with what the scenario says about it.
type set struct {
	named
	tokens int     // longest example; 0: the base's context
	valid  float64 // share kept for validation
}

// Notes say what is to be known of the data: what was left out, which tasks share classes,
// which order of them another trial has too.
func (w *World) Notes() (out []string) {
	for _, s := range w.sets {
		out = append(out, notesOn(s.Name, s.Set)...)
	}
	return out
}

// Streams say of each set of tasks how many there are and what comes with them.
func (w *World) Streams() (out []string) {
	for _, s := range w.sets {
		out = append(out, streamOf(s.Name, s.Set)...)
	}
	return out
}

// Base finds a base by the name that models use.
func (w *World) Base(name string) (*base.Base, error) {
	for _, b := range w.Bases {
		if b.Name == name {
			return b, nil
		}
	}
	return nil, fmt.Errorf("world: the trial has no base %q", name)
}

// Seed is a named draw of the trial; see rng.Key.At for what may name it.
func (w *World) Seed(purpose string, parts ...any) uint64 {
	return w.key.At(purpose).At(parts...).Seed()
}

// Draws is Seed of the work of a member's participants, by pool: what many have in common is named
// once for all.
func (w *World) Draws(member int, pool string) func(index int, name string, times int) uint64 {
	k := w.key.At("work", member, pool)
	return func(index int, name string, times int) uint64 { return k.At(index, name, times).Seed() }
}

// Offer lists who is offered from a pool in a round; see [coordinator.World]. The draw is
// named by pool and round, so all methods meet the same cohorts, and one of more people has
// those of a smaller one among them; who sees nothing in the stage is passed over.
func (w *World) Offer(stage int, poolName string, round, size int, busy func(int) bool) []int {
	p := w.pool(poolName)
	return p.draw(w.stages[stage].offerOf(p), w.key.At("offer", poolName), round, min(size, p.size), w.idle(stage, p, busy))
}

// Upload says what becomes of a participant's updates on their way up.
func (w *World) Upload(id method.ID) scenario.Upload {
	if id.Pool == coordinator.EvaluationPool {
		return scenario.Upload{}
	}
	return w.pool(id.Pool).upload
}

// Participant describes one of them; see [coordinator.World].
func (w *World) Participant(id method.ID) coordinator.Participant {
	x := w.person(id)
	return coordinator.Participant{Rank: x.rank, Tier: x.device.Name, Examples: len(x.train)}
}

func (w *World) pool(name string) *pool {
	for _, p := range w.pools {
		if p.name == name {
			return p
		}
	}
	panic(fmt.Sprintf("world: there is no pool %q", name))
}

func (w *World) person(id method.ID) person { return w.home(id).at(id.Index) }

// home is the pool of a participant that there is.
func (w *World) home(id method.ID) *pool {
	p := w.pool(id.Pool)
	if id.Index < 0 || id.Index >= p.size {
		panic(fmt.Sprintf("world: %s is not among the %d of its pool", id, p.size))
	}
	return p
}
