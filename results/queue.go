package results

import "github.com/loramesh/loramesh/sim/ledger"

// Queued is the queue of one round, where leases fly on from round to round.
type Queued struct {
	Opened float64 // s, virtual
	Closed float64 // s, virtual
	Flying int     // leases of earlier rounds that were out when it opened
	Age    float64 // mean of the reports that it took: rounds folded since they were asked for
	Oldest int     // the largest of those
}

// Waited says whether anything was out or came late.
func (q Queued) Waited() bool { return q.Flying > 0 || q.Oldest > 0 }

// queue gathers a round's as its lines are read.
type queue struct {
	now     Queued
	reports int
	ages    int
}

func (q *queue) opened(p ledger.Plan) {
	*q = queue{now: Queued{Opened: float64(p.Now), Flying: p.Flying}}
}

func (q *queue) came(r ledger.Report) {
	q.reports++
	q.ages += r.Age
	q.now.Oldest = max(q.now.Oldest, r.Age)
}

func (q *queue) closed(f ledger.Fold) Queued {
	q.now.Closed = float64(f.Now)
	if q.reports > 0 {
		q.now.Age = float64(q.ages) / float64(q.reports)
	}
	return q.now
}
