package coordinator

import (
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Regime is how the rounds of a member close. The zero value waits for all.
type Regime struct {
	Deadline method.Seconds // after the round opened; 0: none
	Over     float64        // so many times the cohort are offered; 0: once
	Flying   int            // so many are out at once; 0: those of the round
	Close    int            // with Flying: so many that have finished close a round
}

// Why a report will not come.
const (
	whyLate    = "late" // its round had closed
	whyCut     = "cut"  // its stage had ended
	whyDropped = "dropped"
	whyLost    = "lost"
	whyCorrupt = "corrupt: what arrived is not what was sent"
)

// size is how many of a pool are offered in this round: the pool's own number, more of them
// where the round closes with the first of many, or as many as there is room for in the air.
func (m *Machine) size(p Pool) int {
	switch r := m.member().Regime; {
	case r.Flying > 0:
		return max(0, min(r.Flying, p.Size)-len(m.air.all))
	case r.Over > 0:
		return min(p.Size, int(math.Ceil(float64(r.Over*float64(p.cohort()))-1e-9)))
	}
	return p.cohort()
}

// cohort is how many the pool itself offers in a round.
func (p Pool) cohort() int {
	if p.Cohort == 0 {
		return p.Size
	}
	return min(p.Cohort, p.Size)
}

// closing says how many close the round and when it closes, if that is certain by now: what
// has not been answered cannot change it any more. So it does not matter in which order
// answers come, and who will be late need never be waited for.
func (m *Machine) closing() (n int, at method.Seconds, ok bool) {
	r := m.member().Regime
	n, at = m.quorum(), m.now
	switch {
	case n == 0: // nobody began
	case len(m.air.finished) >= n:
		at = max(at, m.air.finishing(n))
	case r.Deadline == 0:
		return 0, 0, false
	default:
		at = method.Seconds(math.Inf(1))
	}
	if r.Deadline > 0 {
		at = min(at, m.open.request.Now+r.Deadline)
	}
	return n, at, m.air.certain(at)
}

// quorum is how many must have finished for a round to close before any deadline.
func (m *Machine) quorum() int {
	r, all := m.member().Regime, len(m.air.all)
	switch {
	case r.Flying > 0:
		return min(r.Close, all)
	case r.Over > 0:
		n := 0
		for _, role := range m.member().Card.Roles {
			if p, err := m.pool(m.member(), role); err == nil { // New has found them all
				n += p.cohort()
			}
		}
		return min(n, all)
	}
	return all
}

// tryClose closes the round in work if it can be closed.
func (m *Machine) tryClose() ([]Effect, error) {
	n, at, ok := m.closing()
	if !ok {
		return nil, nil
	}
	landed := m.air.land(n, at)
	var late []*flight
	if m.member().Regime.Flying == 0 {
		late = m.air.clear()
	}
	return m.close(landed, late, at)
}

// cut takes down what flies when the stage of a member ends. It was paid for.
func (m *Machine) cut() error {
	for _, x := range m.lost(m.air.clear(), whyCut) {
		if err := m.book.Write(x.line()); err != nil {
			return err
		}
	}
	return nil
}

// loss is a report that the method will not be told of.
type loss struct {
	method.Missing
	round  int // that asked
	down   int64
	flops  float64
	energy float64
}

func (x loss) line() ledger.Missing {
	return ledger.Missing{Round: x.round, From: x.To.String(), Name: x.Name, Why: x.Why, Down: x.down, Flops: x.flops, Energy: x.energy}
}

// lost are the reports of flights that nobody waits for. Each is charged for what came down
// and, unless it was dropped before it began, for its work; the upload is not.
func (m *Machine) lost(all []*flight, why string) (out []loss) {
	for _, f := range all {
		if !f.answered && !f.fate.Dropped {
			m.recalled = append(m.recalled, f.lease.Key)
		}
		for i, a := range f.lease.Asked.Assign {
			p := f.prices[i]
			if f.fate.Dropped {
				p.Flops = 0
			}
			m.spent.down += p.down
			m.spent.flops += p.Flops
			out = append(out, loss{method.Missing{To: f.lease.Key.Whom, Name: a.Name, Why: why}, f.round, p.down, p.Flops, p.spent(0).Energy})
		}
	}
	return out
}
