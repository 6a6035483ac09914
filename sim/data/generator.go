package data

import (
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/sim/scenario"
)

// generator is what a scenario says to any of the generators.
type generator struct {
	with  map[string]float64 // of the generator's own list
	seed  uint64             // that of `with`, if it names one
	shape shape
}

// newGenerator reads it; list are the generator's parameters, "seed" among them.
func newGenerator(d scenario.Data, seed uint64, list []param) (g generator, err error) {
	g.seed = seed
	if g.with, err = readParams(d.With, list); err != nil {
		return g, err
	}
	if _, own := d.With["seed"]; own {
		g.seed = uint64(g.with["seed"])
	}
	g.shape, err = shapeOf(d, "{prompt}", "answer")
	return g, err
}

// n is a parameter that is a whole number.
func (g generator) n(name string) int { return int(g.with[name]) }

// fill makes the examples and the generic texts of a set, as many as the parameters say; each
// text is drawn by its number alone. generic is called by several goroutines at once.
func (g generator) fill(set *Set, train, test []row, generic func(i int) string) (*Set, error) {
	var err error
	if set.Train, err = g.shape.examples(train); err != nil {
		return nil, err
	}
	if set.Test, err = g.shape.examples(test); err != nil {
		return nil, err
	}
	set.Generic = make([]string, g.n("generic"))
	par.For(len(set.Generic), par.Cores(), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			set.Generic[i] = generic(i)
		}
	})
	return set, nil
}
