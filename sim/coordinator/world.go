package coordinator

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// World is what the machine must know of the simulated world. sim/world satisfies it;
// tests bring smaller ones. All answers are pure functions of the trial, and may be asked for
// at once.
type World interface {
	// Offer lists who is offered from a pool in a round of a stage, ascending: so many, as far
	// as there are, of those who see data and are not busy. Rounds are the trial's; of a pool
	// that is swept, those since the sweep began. Stages are numbered from 0 throughout.
	Offer(stage int, pool string, round, size int, busy func(index int) bool) []int
	// Available says whether a participant can be offered at a moment.
	Available(whom method.ID, at method.Seconds) bool
	// Participant describes one of them.
	Participant(method.ID) Participant
	// Sees counts the examples that a stage shows to a participant.
	Sees(stage int, whom method.ID) int
	// Price says what carrying out a recipe in a stage costs participants, each of whom has been given
	// work so many times before. What it returns is for one goroutine.
	Price(stage int, recipe method.Recipe) func(whom method.ID, times int) Price
	// Room is what a participant's device has of memory beside the weights and what a recipe
	// trains, in bytes: +Inf where nothing bounds it.
	Room(whom method.ID, recipe method.Recipe) float64
	// Fate says what becomes of a lease of a participant that has been given work so many
	// times before.
	Fate(whom method.ID, times int) Fate
	// Shorten is a Fit that a participant stops when it has done so much of it.
	Shorten(stage int, whom method.ID, f method.Fit, share float64) method.Fit
	// Chunks says into how many pieces an evaluation's examples are cut.
	Chunks(evaluation int) int
	// Subject is the participant whose own model a piece of an evaluation is answered by; ok
	// is false where the one model for all answers.
	Subject(evaluation, chunk int) (id method.ID, ok bool)
}

// Participant is what the world knows about one participant before any work is done.
type Participant struct {
	Rank     int    // the largest it can hold; 0: no limit
	Tier     string // of its device
	Examples int    // that it holds for training, whether a stage shows them or not
}

// Fate is what the world has in store for a lease.
type Fate struct {
	Dropped bool    // it is never begun
	Lost    bool    // it is done, and what it made does not arrive
	Corrupt bool    // it is done, and what arrives is something else
	Share   float64 // so much of each Fit is done; 0: all
}

// Price is what one assignment costs. Bytes are priced by the machine, which knows what
// a participant holds already.
type Price struct {
	Flops float64
	Spent func(flops float64, down, up int64) Spent // on this participant's device and link
}

// Spent is what one assignment takes of its participant.
type Spent struct {
	Time   method.Seconds
	Energy float64 // J; 0 where it is not counted
}

// Fixed says what the trial is, once and for all.
type Fixed struct {
	Stages  []Stage
	Members []Member
	Pools   []Pool
	Bases   []method.Base
	Starts  []Start // of bases that are not adapted from nothing
	Asks    []Ask
	Budget  Budget
	Shared  func(purpose string, parts ...any) uint64                                    // seeds, by name; see [method.Assignment]
	Draws   func(member int, pool string) func(index int, name string, times int) uint64 // of work: Shared("work", …)
	Carries func(method.Assignment) error                                                // whether the trainer can carry an assignment out
}

// Start is an adapter that was there before the trial: all methods build on the base with it
// merged.
type Start struct {
	Base    string
	Tensors method.Tensors
}

// Stage is one stage of the scenario and the base that it adapts.
type Stage struct {
	Name   string
	Base   string
	Labels int
	Task   string           // that it shows; "": it is no stage for a task
	At     method.Seconds   // it does not begin before
	Blind  bool             // nobody sees data in it, and all are offered
	Offers map[string]Offer // by pool, where the stage has its own
}

// Offer is how a pool is offered, round by round.
type Offer struct {
	Sweep  bool // in cohorts, everyone once
	Cohort int  // so many a round; 0: all
	Turns  int  // so many have a turn in a sweep; 0: everyone
}

// Member is one method of the chain, as the scenario uses it.
type Member struct {
	Name   string
	Card   method.Card
	Params method.Values
	Plugin string // "builtin", or the hash of the binary that serves it
	Roles  map[method.Role]string
	Stages []string // those it works in; none: all
	Rounds int      // 0: until it has finished
	Regime Regime
	// FromChain has its factors begin as an earlier member of the chain would have them.
	FromChain bool
	// Sequels says that its method can be told with a fold what the plan after it will be asked with.
	Sequels bool
}

// Works says whether a member works in a stage.
func (m Member) Works(stage string) bool {
	return len(m.Stages) == 0 || slices.Contains(m.Stages, stage)
}

// Pool is one pool of the population.
type Pool struct {
	Name     string
	Size     int
	Examples int
	Of       string // the pool that they live in, Per in each; "": by themselves
	Per      int
	Held     []ledger.Held // ranks, largest first, each with how many hold it; none: no limits
	Listed   bool          // the ledger lists the rank of each
	Always   bool          // everyone can be offered at any time
	Offer                  // where a stage has none of its own
}

// turns is how many of the pool have a turn when it is swept.
func (p Pool) turns() int {
	if p.Turns > 0 {
		return min(p.Turns, p.Size)
	}
	return p.Size
}

// Ask is one evaluation that the scenario asks for.
type Ask struct {
	At      string // "start", "stage-end", "end"; or
	Every   int    // rounds; the start and the end count too
	On      string
	Of      string // a pool, of which each participant answers with what it keeps; "": nobody's
	Each    string // "participant", "task": measured for each by itself as well
	By      []string
	Metrics []string
	After   Tuning // steps of each participant's own before it answers
}

// Tuning is a few steps on the training examples of a participant; the zero value is none.
type Tuning struct {
	Steps, Batch int
	Rate         float64 // of AdamW, constant
}

// Budget ends a trial at the first round that goes over it; 0 is no limit.
type Budget struct {
	Rounds int
	Time   method.Seconds
	Bytes  int64
}
