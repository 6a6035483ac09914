package data

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Drawn is the rule of participants who draw their rows from all the data, each by itself:
// nothing is divided, so a row may be with several, and what one holds is known without
// asking about any other. A population may so be larger than the data, and nobody lists it.
//
// With a mix, each participant draws shares of the column's values from Dirichlet(α·p), p
// being their shares in the data, and its rows by them (Hsu, Qi and Brown 2019, §3).
type Drawn struct {
	set    *Set
	each   int
	alpha  float64
	groups []group // with a mix
	key    rng.Key
}

// NewDrawn readies the rule for a set. key names the draws.
func NewDrawn(set *Set, s scenario.Split, key rng.Key) (*Drawn, error) {
	if s.Each > len(set.Train) {
		return nil, fmt.Errorf("split: drawn: %d rows cannot be drawn from %d training examples", s.Each, len(set.Train))
	}
	d := &Drawn{set: set, each: s.Each, alpha: s.Alpha, key: key}
	if s.Alpha == 0 {
		return d, nil
	}
	by := s.By
	if by == "" {
		by = set.By
	}
	if by == "" {
		return nil, fmt.Errorf("split: drawn: a mix %w", set.needsBy())
	}
	if err := set.hasColumn(by); err != nil {
		return nil, fmt.Errorf("split: drawn: %w", err)
	}
	d.groups = set.groupsBy(by)
	return d, nil
}

// Shard is what participant i holds, ascending.
func (d *Drawn) Shard(i int) []int {
	key := d.key.At(i)
	if d.groups == nil {
		return first(key.Permutation(len(d.set.Train)), d.each)
	}
	concentration := make([]float64, len(d.groups))
	for g, x := range d.groups {
		concentration[g] = float64(d.alpha*float64(len(x.rows))) / float64(len(d.set.Train))
	}
	shard := make([]int, 0, d.each)
	for g, n := range d.bounded(deal(key.At("mix").Stream().Dirichlet(concentration), d.each)) {
		rows := d.groups[g].rows
		for _, place := range first(key.At(d.groups[g].value).Permutation(len(rows)), n) {
			shard = append(shard, rows[place])
		}
	}
	slices.Sort(shard)
	return shard
}

// bounded gives what a value has too few rows for to the others, in their order.
func (d *Drawn) bounded(counts []int) []int {
	left := 0
	for g, n := range counts {
		over := max(0, n-len(d.groups[g].rows))
		counts[g], left = n-over, left+over
	}
	for g := range counts {
		more := min(left, len(d.groups[g].rows)-counts[g])
		counts[g], left = counts[g]+more, left-more
	}
	return counts
}

// first are the first n of a permutation, ascending.
func first(p rng.Permutation, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = p.At(i)
	}
	slices.Sort(out)
	return out
}
