package main

import (
	"container/heap"
	"math"
	"time"

	"github.com/loramesh/loramesh/linalg/rng"
)

// costs are what the machinery takes, as measured.
type costs struct {
	Lease float64 `json:"lease_usec"` // of the coordinator's time, to give one out and take its report
	Round float64 `json:"round_usec"` // plan, fold, ledger and checkpoint of a round, whatever its size
	Wire  float64 `json:"wire_usec"`  // until a message arrives
}

// fleet simulates rounds over many workers of one slot: a coordinator that does one thing
// at a time, workers that pull in bulk, as actors do (the slots, and what is done in 20 ms
// more, at most 256), and a round that ends with its last report. What the simulation knows
// of the program is its costs and these rules.
type fleet struct {
	costs
	workers int
	cohort  int           // clients of a round
	work    time.Duration // of a client, on average; each takes from half to one and a half of it
	dice    *rng.Stream

	now    float64 // when the coordinator is free again, in µs
	events moments
	left   int // leases not given out
	out    int // leases not reported
}

// moment is when a worker's message reaches the coordinator.
type moment struct {
	at      float64
	reports int // that it brings
}

type moments []moment

func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].at < m[j].at }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(moment)) }
func (m *moments) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

// bulk is how many leases a worker asks for at once.
func (f *fleet) bulk() int {
	return min(256, max(1, int(1+20e3/float64(f.work.Microseconds()))))
}

// run simulates so many rounds, and returns how long they take, in seconds.
func (f *fleet) run(rounds int) float64 {
	for range rounds {
		f.round()
	}
	return f.now / 1e6
}

func (f *fleet) round() {
	f.now += f.Round
	f.left, f.out = f.cohort, f.cohort
	for range f.workers {
		heap.Push(&f.events, moment{at: f.now}) // the pulls of all wait for the round
	}
	for f.out > 0 {
		m := heap.Pop(&f.events).(moment)
		f.now = max(f.now, m.at) + float64(float64(m.reports)*f.Lease)/2
		f.out -= m.reports
		n := min(f.bulk(), (f.left+f.workers-1)/f.workers) // the rest is shared, so that the last do not wait for one
		if n == 0 {
			continue
		}
		f.left -= n
		f.now += float64(float64(n)*f.Lease) / 2
		spent := 0.0
		for range n {
			spent += f.dice.Uniform(0.5, 1.5) * float64(f.work.Microseconds())
		}
		heap.Push(&f.events, moment{f.now + 2*f.Wire + spent, n})
	}
	f.events = f.events[:0]
}

// speedup is how much faster so many workers are than one would be alone.
func speedup(c costs, workers, cohort int, work time.Duration) (times float64) {
	took := func(n int) float64 {
		f := &fleet{costs: c, workers: n, cohort: cohort, work: work, dice: rng.New(1).At("fleet", work.String()).Stream()}
		return f.run(20)
	}
	return took(1) / math.Max(took(workers), 1e-12)
}
