package base

import (
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
)

// dealer deals sequences into batches, epoch after epoch in a new order, until it has dealt
// at least so many tokens. It makes one batch at a time, for a training of a trillion
// tokens must not need memory for all of its order.
type dealer struct {
	all   []data.Sequence // at least one, each of at least one token
	size  int             // sequences in a batch; the last may have fewer
	left  int             // tokens to deal
	key   rng.Key
	epoch int
	order []int // what the present epoch has yet to deal
}

// next is one batch; it is empty when all is dealt.
func (d *dealer) next() (b nn.Batch) {
	for len(b.IDs) < d.size && d.left > 0 {
		s := d.draw()
		b.IDs, b.Labels = append(b.IDs, s.IDs), append(b.Labels, s.Labels)
	}
	return b
}

// draw is one sequence.
func (d *dealer) draw() data.Sequence {
	if len(d.order) == 0 {
		d.order = d.key.At(d.epoch).Stream().Perm(len(d.all))
		d.epoch++
	}
	s := d.all[d.order[0]]
	d.order = d.order[1:]
	d.left -= len(s.IDs)
	return s
}

// batches counts what next will give, before its first call: whole epochs by
// multiplication, the last by dealing it.
func (d *dealer) batches() int {
	tokens := 0
	for _, s := range d.all {
		tokens += len(s.IDs)
	}
	whole := (d.left - 1) / tokens
	count := whole * len(d.all)
	last := dealer{all: d.all, left: d.left - whole*tokens, key: d.key, epoch: whole}
	for last.left > 0 {
		last.draw()
		count++
	}
	return (count + d.size - 1) / d.size
}
