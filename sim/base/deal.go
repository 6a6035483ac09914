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
	config nn.Config
	all    []data.Sequence // at least one, each of at least one token
	size   int             // sequences in a batch; the last may have fewer
	left   int             // tokens to deal
	key    rng.Key
	epoch  int
	order  []int // what the present epoch has yet to deal
}

// next is one batch; it is empty when all is dealt.
func (d *dealer) next() nn.Batch {
	var seqs []data.Sequence
	for len(seqs) < d.size && d.left > 0 {
		seqs = append(seqs, d.draw())
	}
	return data.Join(d.config, seqs)
}

// draw is one sequence.
func (d *dealer) draw() data.Sequence {
	if len(d.order) == 0 {
		d.order = d.key.At(d.epoch).Stream().Perm(len(d.all))
		d.epoch++
	}
	s := d.all[d.order[0]]
	d.order = d.order[1:]
	d.left -= s.Places(d.config)
	return s
}

// batches counts what next will give, before its first call: whole epochs by
// multiplication, the last by dealing it.
func (d *dealer) batches() int {
	tokens := 0
	for _, s := range d.all {
		tokens += s.Places(d.config)
	}
	whole := (d.left - 1) / tokens
	count := whole * len(d.all)
	last := dealer{config: d.config, all: d.all, left: d.left - whole*tokens, key: d.key, epoch: whole}
	for last.left > 0 {
		last.draw()
		count++
	}
	return (count + d.size - 1) / d.size
}
