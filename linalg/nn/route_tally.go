package nn

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// Routing is what a router did with the sequences of a pass, a row for each of them and a
// column for each expert, row-major. A sequence has as many rows as tokens; divided by
// them, Mass is the mean weight, and the largest of Scores is whom the sequence would go to.
type Routing struct {
	Experts int
	Tokens  []int     // rows of each sequence: tokens, or places of a picture
	Mass    []float64 // sums of weights
	First   []int     // rows whose largest weight it had
	Scores  []float32 // sums of scores; zero where none decide
}

// Routed is what a router in place did with the last pass that Forward made, or with the
// prompts that Generate continued; after Learn, with the last flock. It is the Runner's
// memory, good until the next pass.
func (r *Runner) Routed(x *Router) Routing {
	i := slices.IndexFunc(r.routers, func(q *routed) bool { return q.Router == x })
	if i < 0 {
		panic(fmt.Sprintf("nn: Routed of a router on %q that is not attached", x.Module))
	}
	q := r.routers[i]
	if !q.told {
		r.count(q)
	}
	return q.tally
}

// forget has the routers count anew what they did, once somebody asks. While a model
// writes, the count is of its prompts.
func (r *Runner) forget() {
	if r.cache != nil {
		return
	}
	for _, q := range r.routers {
		q.told = false
	}
}

// countAll counts for all routers, before rows that are written take the prompts' places.
func (r *Runner) countAll() {
	for _, q := range r.routers {
		r.count(q)
	}
}

// count is what a router did with the rows of the pass.
func (r *Runner) count(q *routed) {
	t, n, k := &q.tally, len(q.Experts), q.kept()
	t.Experts, q.told = n, true
	grow(&t.Mass, len(r.seqs)*n)
	grow(&t.First, len(r.seqs)*n)
	grow(&t.Scores, len(r.seqs)*n)
	clear(t.Mass)
	clear(t.First)
	clear(t.Scores)
	t.Tokens = t.Tokens[:0]
	for i, s := range r.seqs {
		t.Tokens = append(t.Tokens, s.hi-s.lo)
		for row := s.lo; row < s.hi; row++ {
			for j, e := range q.choice[row*k : (row+1)*k] {
				if e < 0 {
					break
				}
				t.Mass[i*n+int(e)] += float64(q.weight[row*k+j])
				if j == 0 && q.By != Uniform {
					t.First[i*n+int(e)]++
				}
			}
			if q.scored() {
				kernel.Add(t.Scores[i*n:(i+1)*n], q.scores[row*n:(row+1)*n])
			}
		}
	}
}

// check finds what is wrong with a batch, for the model and for the routers in place.
func (r *Runner) check(b *Batch) error {
	if err := b.check(&r.model.config); err != nil {
		return err
	}
	n := b.sequences()
	if b.Prompts != nil && len(b.Prompts) != n {
		return fmt.Errorf("batch: prompts for %d sequences of %d", len(b.Prompts), n)
	}
	for i, p := range b.Prompts {
		if all := b.length(&r.model.config, i); p < 1 || p > all {
			return fmt.Errorf("batch: the prompt of sequence %d has %d places; expected 1 … %d, its length", i, p, all)
		}
	}
	for _, q := range r.routers {
		if q.By == Shared {
			if err := b.checkShares(n, len(q.Experts)); err != nil {
				return fmt.Errorf("batch: router on module %q: %w", q.Router.Module, err)
			}
		}
	}
	return nil
}

// checkShares is check for the weights that come with a batch.
func (b *Batch) checkShares(sequences, experts int) error {
	if len(b.Shares) != sequences {
		return fmt.Errorf("weights of experts for %d sequences of %d", len(b.Shares), sequences)
	}
	for i, s := range b.Shares {
		if len(s) != experts {
			return fmt.Errorf("sequence %d has weights for %d experts of %d", i, len(s), experts)
		}
		if at := notFinite(s); at >= 0 {
			return fmt.Errorf("sequence %d: the weight of expert %d is %g; expected a finite number", i, at, s[at])
		}
	}
	return nil
}
