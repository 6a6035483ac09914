package train

import (
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// draw deals a choice into batches: epoch after epoch, each in an order of its own, until
// so many have come as [world.Examples] says. A batch never spans two epochs. It begins
// behind so many that Fits before this one went through; then a Fit of Steps makes just
// these, of which another may be the short last of its epoch.
func draw(c *choice, f method.Fit, key rng.Key, behind int) (batches [][]int) {
	n := len(c.rows)
	size := world.PerUpdate(f, n)
	left := world.Examples(f, n)
	steps := left // no more batches than examples
	if behind > 0 && f.Steps > 0 {
		left, steps = f.Steps*size, f.Steps
	}
	deal := dealer(c, f.Data.Draw, key)
	for epoch := 0; left > 0 && len(batches) < steps; epoch++ {
		order := deal(epoch)
		if behind >= n {
			behind -= n
			continue
		}
		for lo := behind; lo < n && left > 0 && len(batches) < steps; lo += size {
			b := order[lo:min(lo+size, n, lo+left)]
			left -= len(b)
			batches = append(batches, b)
		}
		behind = 0
	}
	return batches
}

// dealer gives the orders of epochs, one after the other. One of several sources goes on with
// each source where the epoch before left it.
func dealer(c *choice, d method.Draw, key rng.Key) func(epoch int) []int {
	n := len(c.rows)
	switch {
	case d == method.Balanced:
		return func(epoch int) []int { return c.balanced(key.At(epoch)) }
	case len(c.shares) > 1:
		m := c.mixture(d, key)
		return func(int) []int { return m.next(n) }
	case d == method.InOrder:
		return func(int) []int { return upTo(n) }
	}
	return func(epoch int) []int { return key.At(epoch).Stream().Perm(n) }
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// balanced is an epoch in which each group comes equally often: all of them in every so many
// examples, in a drawn order, and of each any one, with replacement.
func (c *choice) balanced(key rng.Key) (order []int) {
	groups := map[string][]int{}
	for i, g := range c.group {
		groups[g] = append(groups[g], i)
	}
	names := slices.Sorted(maps.Keys(groups))
	s := key.Stream()
	for len(order) < len(c.rows) {
		for _, k := range s.Perm(len(names)) {
			members := groups[names[k]]
			order = append(order, members[s.IntN(len(members))])
		}
	}
	return order[:len(c.rows)]
}

// mixture is several sources, each an endless stream of its rows, of which every stretch has
// its share.
type mixture struct {
	shares []float64
	rows   [][]int
	order  [][]int // of the present pass over each source
	passes []int
	taken  []int
	drawn  int
	inDraw method.Draw
	key    rng.Key
}

func (c *choice) mixture(d method.Draw, key rng.Key) *mixture {
	k := len(c.shares)
	m := &mixture{shares: c.shares, rows: make([][]int, k), order: make([][]int, k), passes: make([]int, k), taken: make([]int, k), inDraw: d, key: key}
	for i, s := range c.source {
		m.rows[s] = append(m.rows[s], i)
	}
	return m
}

// next draws so many: each time from the source that is farthest behind its share, of equals
// the first.
func (m *mixture) next(n int) []int {
	out := make([]int, n)
	for i := range out {
		m.drawn++
		most, at := -1.0, 0
		for k, share := range m.shares {
			if behind := float64(share*float64(m.drawn)) - float64(m.taken[k]); behind > most+1e-9 {
				most, at = behind, k
			}
		}
		m.taken[at]++
		out[i] = m.from(at)
	}
	return out
}

// from is the next row of a source.
func (m *mixture) from(k int) int {
	if len(m.order[k]) == 0 {
		m.order[k] = upTo(len(m.rows[k]))
		if m.inDraw != method.InOrder {
			m.order[k] = m.key.At("source", k, m.passes[k]).Stream().Perm(len(m.rows[k]))
		}
		m.passes[k]++
	}
	i := m.order[k][0]
	m.order[k] = m.order[k][1:]
	return m.rows[k][i]
}

// drawn counts the examples of batches.
func drawn(batches [][]int) (n int) {
	for _, b := range batches {
		n += len(b)
	}
	return n
}
