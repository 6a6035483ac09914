package world

import (
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// rule says who somebody is once he is asked for.
type rule struct {
	each  int             // rows
	order rng.Permutation // of the places at which hands are dealt
	drawn *data.Drawn
}

// unsettled makes a pool of people who draw for themselves.
func (p *pool) unsettled(as scenario.Pool, w *World) (err error) {
	p.rule = &rule{each: as.Split.Each}
	p.rule.drawn, err = data.NewDrawn(p.set.Set, as.Split, w.key.At("split", p.name))
	p.rule.order = p.deal(as, w)
	return err
}
