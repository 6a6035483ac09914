package train

import (
	"sync"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/base"
)

// Merged keeps bases with adapters merged in, so that a list of merges that grows by one a
// round costs one merge a round, and the slots of a process share the result. A base with
// a list of merges is the same bits however it was come by: merges are done one at a time,
// in order, each rounded once. It is safe for concurrent use.
type Merged struct {
	mu     sync.Mutex
	recent []merging // most recently used first

	spectra spectra // of these
}

// merging is a base with the first n merges of some list done.
type merging struct {
	base  *base.Base
	list  []merge
	model *nn.Model
}

// merge is one adapter at one scale; rank 0 is all of it.
type merge struct {
	from  sources
	scale float64
	rank  int
}

// keepMerged is how many merged bases stay in memory: what is deployed and what it was
// made from, for an evaluation and a round that overlap, of this method and of another. Large
// ones (above largeParams weights) stay for one method alone.
const (
	keepMerged  = 4
	keepLarge   = 2
	largeParams = 50e6
)

// model returns the base with the list merged in.
func (c *Merged) model(b *base.Base, list []merge, blobs method.Blobs) (*nn.Model, error) {
	if len(list) == 0 {
		return b.Model, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	model, done := b.Model, 0
	for i, m := range c.recent {
		if m.base != b || len(m.list) <= done || !prefix(m.list, list) {
			continue
		}
		if len(m.list) == len(list) {
			copy(c.recent[1:], c.recent[:i])
			c.recent[0] = m
			return m.model, nil
		}
		model, done = m.model, len(m.list)
	}
	for _, m := range list[done:] {
		var err error
		if model, err = mergeOne(model, m, blobs); err != nil {
			return nil, err
		}
	}
	c.recent = append([]merging{{b, list, model}}, c.recent...)
	keep := keepMerged
	if b.Model.Config().Params() > largeParams {
		keep = keepLarge
	}
	for len(c.recent) > keep {
		c.recent[len(c.recent)-1] = merging{} // so that its memory is free
		c.recent = c.recent[:len(c.recent)-1]
	}
	return model, nil
}

func prefix(short, long []merge) bool {
	if len(short) > len(long) {
		return false
	}
	for i := range short {
		if short[i] != long[i] {
			return false
		}
	}
	return true
}

func mergeOne(m *nn.Model, x merge, blobs method.Blobs) (*nn.Model, error) {
	a, err := openAdapter(x.from, x.rank, blobs)
	if err != nil {
		return nil, err
	}
	for _, p := range a {
		var w linalg.Dense
		if p.M != nil {
			if w, err = frozenWeight(m, p.Module); err != nil {
				return nil, err
			}
		}
		d := p.DeltaOn(w)
		for i := range d.Data {
			d.Data[i] *= x.scale
		}
		if m, err = nn.WithDelta(m, map[string][]float64{p.Module: d.Data}); err != nil { // one dense change in memory
			return nil, err
		}
	}
	return m, nil
}
