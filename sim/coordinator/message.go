package coordinator

import "github.com/loramesh/loramesh/plugins/method"

// Input is what the machine is told: [Begin], [Planned], a [Worked] or [Folded].
type Input interface{ input() }

type (
	// Begin starts the trial.
	Begin struct{}
	// Planned answers an [AskPlan].
	Planned struct{ Response method.PlanResponse }
	// Worked answers a lease. Only the first answer to a key counts. There is one for each participant of
	// each round: it is handed over by its place, and is the caller's again after the step.
	Worked struct {
		Key      Key
		Response method.WorkResponse
		Seen     Seen // what was found in its blobs, as if the machine had opened them; nil: nobody looked
	}
	// Folded answers an [AskFold].
	Folded struct{ Response method.FoldResponse }
)

func (Begin) input()   {}
func (Planned) input() {}
func (*Worked) input() {}
func (Folded) input()  {}

// Effect is what the machine wants done: [AskPlan], [AskFold], [DoWork], [Recall], [Rest] or [Finished].
type Effect interface{ effect() }

type (
	// AskPlan asks member number Member of the chain what to do next.
	AskPlan struct {
		Member  int
		Request method.PlanRequest
	}
	// AskFold tells member number Member what came of it.
	AskFold struct {
		Member  int
		Request method.FoldRequest
		Next    *method.PlanRequest // that follows, as far as it is known: but for the state; nil: it is not known, or of no use to the method
	}
	// DoWork hands out leases. They may be done in any order, anywhere, more than once.
	// More assignments of the turn follow, after a [Rest].
	DoWork struct {
		Leases []Lease
		More   int
	}
	// Recall says that nobody waits for these leases any more, whose answers would change
	// nothing. Whoever does them all the same does no harm.
	Recall struct{ Keys []Key }
	// Rest says that the machine has something to do for which no method need wait: before the
	// next input it wants [Machine.Rest] to be called. The method that is asked next may think
	// meanwhile. Without a keeper there is none.
	Rest struct{}
	// Finished says that the last line is written.
	Finished struct{}
)

func (AskPlan) effect()  {}
func (AskFold) effect()  {}
func (DoWork) effect()   {}
func (Recall) effect()   {}
func (Rest) effect()     {}
func (Finished) effect() {}

// Key names a lease: who, and in which turn of the trial. Each round is a turn, and so is
// each evaluation; turns count up and never repeat.
type Key struct {
	Turn int
	Whom method.ID
}

// Lease is all that one participant is to do in one turn. There are as many as participants in a round:
// what is asked of many alike each only points to.
type Lease struct {
	Key   Key
	Asked *method.WorkRequest // but for whom and draws; nobody writes to it
	Draws []uint64            // a seed per assignment
}

func newLease(turn int, work method.WorkRequest) Lease {
	l := Lease{Key: Key{Turn: turn, Whom: work.Whom}, Draws: work.Draws, Asked: &work}
	work.Whom, work.Draws = method.ID{}, nil
	return l
}

// Work is what a lease asks for, whole.
func (l *Lease) Work() method.WorkRequest {
	work := *l.Asked
	work.Whom, work.Draws = l.Key.Whom, l.Draws
	return work
}

// EvaluationPool is the pool of the stand-ins that score deployed models for the scenario:
// evaluation/3 scores the fourth chunk of the examples. They are nobody's participants,
// take no virtual time and move no bytes.
const EvaluationPool = "evaluation"
