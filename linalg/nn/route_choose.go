package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// unit is a decision for many rows: the mean of their scores, and the choice.
type unit struct {
	scores []float32
	sum    []float64
	rows   int // that the mean is over
	choice []int32
	weight []float32
	back   []float32 // gradients of weights, then of scores
}

// root is 1/√In.
func (q *routed) root() float32 { return float32(1 / math.Sqrt(float64(q.module.In))) }

// choose finds whom the rows at… of the pass go to, and with what weights. u is those rows
// as scores read them: standardised, if they are to be.
func (r *Runner) choose(q *routed, u kernel.Matrix, at int) {
	n := len(q.Experts)
	scores := kernel.Of(q.scores, 0, 0)
	if q.scored() {
		scores = kernel.Of(q.scores[at*n:], u.Rows, n)
		q.keys.Mul(scores, u, kernel.Epilogue{})
		if q.By == Absolute {
			for i, s := range scores.Data {
				scores.Data[i] = float32(math.Abs(float64(s)))
			}
		}
	}
	k := q.kept()
	switch {
	case q.By == Uniform:
		even := float32(1 / float64(n))
		for i := range u.Rows * k {
			q.choice[at*k+i], q.weight[at*k+i] = int32(i%k), even
		}
	case q.By == Shared || q.Grain != ByRow:
		r.chooseTogether(q, at, at+u.Rows)
	case k == 2 && !q.Raw && q.Below == 0:
		q.decidePairs(scores, q.choice[at*k:(at+u.Rows)*k], q.weight[at*k:])
	default:
		for t := range u.Rows {
			q.decide(scores.Row(t), q.choice[(at+t)*k:][:k], q.weight[(at+t)*k:][:k])
		}
	}
}

// decide takes the best experts by their scores, and weighs them.
func (q *routed) decide(scores []float32, choice []int32, weight []float32) {
	best(scores, choice)
	if q.Below != 0 && !(float64(scores[choice[0]]) >= q.Below) {
		for i := range choice {
			choice[i], weight[i] = -1, 0
		}
		return
	}
	top := scores[choice[0]]
	var sum float32
	for i, e := range choice {
		weight[i] = kernel.Exp(scores[e] - top)
		sum += weight[i]
	}
	if q.Raw {
		sum = 0
		for _, s := range scores {
			sum += kernel.Exp(s - top)
		}
	}
	for i := range weight {
		weight[i] /= sum
	}
}

// decidePairs is decide for rows each of which takes the best two, as most routers have it.
func (q *routed) decidePairs(scores kernel.Matrix, choice []int32, weight []float32) {
	kernel.TopTwo(choice, scores)
	for t := range scores.Rows {
		row, i := scores.Row(t), 2*t
		less := kernel.Exp(row[choice[i+1]] - row[choice[i]])
		sum := 1 + less
		weight[i], weight[i+1] = 1/sum, less/sum
	}
}

// best lists the largest scores, the largest first, and of equal ones the lowest index.
func best(scores []float32, choice []int32) {
	if len(choice) == 2 {
		kernel.TopTwo(choice, kernel.Of(scores, 1, len(scores)))
		return
	}
	held := 0
	for e, s := range scores {
		if held == len(choice) && s <= scores[choice[held-1]] {
			continue
		}
		if held < len(choice) {
			held++
		}
		i := held - 1
		for i > 0 && s > scores[choice[i-1]] {
			choice[i] = choice[i-1]
			i--
		}
		choice[i] = int32(e)
	}
}

// chooseTogether decides for whole sequences, or all of them, that lie in rows lo…hi−1. A
// sequence that is being continued keeps what its prompt decided.
func (r *Runner) chooseTogether(q *routed, lo, hi int) {
	n, k := len(q.Experts), q.kept()
	first, last := r.within(lo, hi)
	if q.Grain == ByBatch && (first > 0 || last < len(r.seqs)) {
		panic("nn: a decision for a batch of which a part is here")
	}
	if r.cache == nil {
		for i := first; i < last; i++ {
			q.unitOf(i).begin(n, k)
		}
		for i := first; i < last; i++ {
			u, s := q.unitOf(i), r.seqs[i]
			if q.By == Shared {
				q.take(u, r.shares[i])
				continue
			}
			for t := s.lo; t < s.lo+r.prompt(i); t++ {
				for e, x := range q.scores[t*n : (t+1)*n] {
					u.sum[e] += float64(x)
				}
				u.rows++
			}
		}
		for i := first; i < last && q.By != Shared; i++ {
			u := q.unitOf(i)
			for e, x := range u.sum {
				u.scores[e] = float32(x / float64(u.rows))
			}
			q.decide(u.scores, u.choice, u.weight)
		}
	}
	for i := first; i < last; i++ {
		u := q.unitOf(r.continued(i))
		for t := r.seqs[i].lo; t < r.seqs[i].hi; t++ {
			copy(q.choice[t*k:], u.choice)
			copy(q.weight[t*k:], u.weight)
		}
	}
}

// unitOf is the decision that sequence i goes by.
func (q *routed) unitOf(i int) *unit {
	if q.Grain == ByBatch && q.By != Shared {
		i = 0
	}
	for len(q.units) <= i {
		q.units = append(q.units, unit{})
	}
	return &q.units[i]
}

func (u *unit) begin(experts, kept int) {
	grow(&u.scores, experts)
	grow(&u.sum, experts)
	grow(&u.choice, kept)
	grow(&u.weight, kept)
	clear(u.sum)
	u.rows = 0
}

// take makes a decision of weights that came with the batch: experts with none are left out.
func (q *routed) take(u *unit, shares []float32) {
	at := 0
	for e, w := range shares {
		if w != 0 {
			u.choice[at], u.weight[at] = int32(e), w
			at++
		}
	}
	for ; at < len(u.choice); at++ {
		u.choice[at], u.weight[at] = -1, 0
	}
}

// within are the sequences that lie in rows lo…hi−1, which whole ones fill.
func (r *Runner) within(lo, hi int) (first, last int) {
	for first < len(r.seqs) && r.seqs[first].lo < lo {
		first++
	}
	last = first
	for last < len(r.seqs) && r.seqs[last].hi <= hi {
		last++
	}
	if first == last || r.seqs[first].lo != lo || r.seqs[last-1].hi != hi {
		panic("nn: a decision for sequences of which a part is here")
	}
	return first, last
}

// prompt is how many rows of sequence i decide for all of it.
func (r *Runner) prompt(i int) int {
	if r.prompts == nil {
		return r.seqs[i].hi - r.seqs[i].lo
	}
	return r.prompts[i]
}

// continued is the sequence of the prompts' pass that sequence i of this one is.
func (r *Runner) continued(i int) int {
	if r.cache == nil {
		return i
	}
	return r.cache.live[i]
}

// shareEnd is where the share of rows ends that begins at lo and goes through an MLP
// together: so many at most, but whole sequences where something decides for them, and
// everything where something decides for the batch.
func (r *Runner) shareEnd(lo, tall int) int {
	end := min(lo+tall, r.rows)
	if r.together == ByRow {
		return end
	}
	if r.together == ByBatch {
		return r.rows
	}
	for _, s := range r.seqs {
		if s.lo > lo && s.hi > end {
			return s.lo
		}
		if s.lo == lo && s.hi > end {
			return s.hi
		}
	}
	return end
}
