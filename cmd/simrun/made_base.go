package main

import (
	"reflect"

	"github.com/loramesh/loramesh/sim/scenario"
)

// madeBase is a base that a trial makes by a recipe, of the data that the recipe names.
type madeBase struct {
	name   string
	recipe scenario.Recipe
	from   scenario.Data
}

// madeBases are those of a scenario, in its order.
func madeBases(s *scenario.Scenario) (all []madeBase) {
	for _, b := range s.Bases {
		if b.Recipe == nil {
			continue
		}
		x := madeBase{name: b.Name, recipe: *b.Recipe}
		for _, d := range s.Data {
			if d.Name == b.Recipe.Pretrain.Data {
				x.from = d
			}
		}
		all = append(all, x)
	}
	return all
}

// is says whether two are one model, under one name.
func (b madeBase) is(other madeBase) bool { return reflect.DeepEqual(b, other) }
