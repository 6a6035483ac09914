package server

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// Variates are control variates as they travel and are kept: one for each parameter, by its
// name ("3.q.A"). nil are those of one who has none yet, which are 0.
type Variates map[string][]float64

// kindControl marks the tensors of variates.
const kindControl = "control"

// IsVariates says whether tensors call themselves control variates.
func IsVariates(t linalg.Tensors) bool { return t.Meta["kind"] == kindControl }

// ParseVariates reads control variates.
func ParseVariates(t linalg.Tensors) (Variates, error) {
	if !IsVariates(t) {
		return nil, fmt.Errorf("server: these tensors are of kind %q, expected %q", t.Meta["kind"], kindControl)
	}
	v := Variates{}
	for _, x := range t.List {
		v[x.Name] = linalg.Widen(1, len(x.Data), x.Data).Data
	}
	return v, nil
}

// Tensors is the form in which they travel, rounded once, in order of names.
func (v Variates) Tensors() linalg.Tensors {
	out := linalg.Tensors{Meta: map[string]string{"kind": kindControl}}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		x := v[name]
		out.List = append(out.List, linalg.Tensor{Name: name, Shape: []int{len(x)}, Data: linalg.Dense{Rows: 1, Cols: len(x), Data: x}.Narrow()})
	}
	return out
}

// Of is the variate of a parameter of n numbers: noughts where there is none. It refuses one
// of another length, which was made at another rank.
func (v Variates) Of(name string, n int) ([]float64, error) {
	x := v[name]
	if x == nil {
		return make([]float64, n), nil
	}
	if len(x) != n {
		return nil, fmt.Errorf("server: the control of %s has %d numbers, and the parameter %d: one rank for all rounds was expected", name, len(x), n)
	}
	return x, nil
}

// Gather adds what one client changed its controls by, times its share, to the server's, in
// place; see [Gather].
func (v Variates) Gather(share float64, was, now Variates) error {
	for name, x := range now {
		c, err := v.Of(name, len(x))
		if err != nil {
			return err
		}
		w, err := was.Of(name, len(x))
		if err != nil {
			return err
		}
		Gather(c, share, w, x)
		v[name] = c
	}
	return nil
}
