package data

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/loramesh/loramesh/sim/suggest"
)

// param is one parameter of a generator: a number, and where it ends.
type param struct {
	name          string
	initial       float64
	lowest, above float64 // lowest ≤ value ≤ above
	whole         bool
}

// readParams takes a generator's parameters from `with`: initial values where it is silent, an
// error for a name that is not listed, for what is no number and for one out of bounds.
func readParams(with map[string]any, list []param) (map[string]float64, error) {
	var names []string
	for _, p := range list {
		names = append(names, p.name)
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("with: unknown parameter %q; known: %q%s", name, names, suggest.DidYouMean(name, names))
		}
	}
	values := map[string]float64{}
	for _, p := range list {
		given, ok := with[p.name]
		if !ok {
			values[p.name] = p.initial
			continue
		}
		x, ok := number(given)
		if !ok || p.whole && x != math.Trunc(x) || !(x >= p.lowest && x <= p.above) {
			return nil, fmt.Errorf("with.%s: expected %s from %v to %v, found %v", p.name, p.kind(), p.lowest, p.above, given)
		}
		values[p.name] = x
	}
	return values, nil
}

func (p param) kind() string {
	if p.whole {
		return "a whole number"
	}
	return "a number"
}

// number reads what a YAML parser may have made of a number.
func number(v any) (float64, bool) {
	switch x := v.(type) {
	case int:
		return float64(x), true
	case int64:
		return float64(x), true
	case uint64:
		return float64(x), true
	case float64:
		return x, true
	}
	return 0, false
}
