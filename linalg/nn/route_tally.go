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
	return r.routers[i].tally
}

// beginTally clears what the routers did before. While a model writes, its prompts stay.
func (r *Runner) beginTally() {
	if r.cache != nil {
		return
	}
	for _, q := range r.routers {
		t, n := &q.tally, len(r.seqs)*len(q.Experts)
		t.Experts = len(q.Experts)
		grow(&t.Mass, n)
		grow(&t.First, n)
		grow(&t.Scores, n)
		clear(t.Mass)
		clear(t.First)
		clear(t.Scores)
	}
}

// count adds rows lo…hi−1 to what a router did.
func (r *Runner) count(q *routed, lo, hi int) {
	if r.cache != nil {
		return
	}
	n, k := len(q.Experts), q.kept()
	i, _ := slices.BinarySearchFunc(r.seqs, lo+1, func(s span, row int) int { return s.hi - row })
	for t := lo; t < hi; t++ {
		if t == r.seqs[i].hi {
			i++
		}
		for j, e := range q.choice[t*k : (t+1)*k] {
			if e < 0 {
				break
			}
			q.tally.Mass[i*n+int(e)] += float64(q.weight[t*k+j])
			if j == 0 && q.By != Uniform {
				q.tally.First[i*n+int(e)]++
			}
		}
		if q.scored() {
			kernel.Add(q.tally.Scores[i*n:(i+1)*n], q.scores[t*n:(t+1)*n])
		}
	}
}

// check finds what is wrong with a batch, for the model and for the routers in place.
func (r *Runner) check(b *Batch) error {
	if err := b.check(r.model.config); err != nil {
		return err
	}
	n := b.sequences()
	if b.Prompts != nil && len(b.Prompts) != n {
		return fmt.Errorf("batch: prompts for %d sequences of %d", len(b.Prompts), n)
	}
	for i, p := range b.Prompts {
		if all := b.length(r.model.config, i); p < 1 || p > all {
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
