package world

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// granted is how much of a need the scenario allows.
func (w *World) granted(n method.Need) (g scenario.Grant, ok bool) {
	i := slices.IndexFunc(w.Trial.Scenario.Grants, func(g scenario.Grant) bool { return g.Need == string(n) })
	if i < 0 {
		return g, false
	}
	return w.Trial.Scenario.Grants[i], true
}

// shares are needs of which only a share can be granted, or all.
var shares = []method.Need{method.NeedTrainGroups}

func (w *World) checkGrants(accuse accusation) {
	for _, n := range shares {
		if g, ok := w.granted(n); ok && g.Amount >= 1 {
			accuse("grant."+string(n), "a share below 1 was expected, or all, found %g", g.Amount)
		}
	}
	g, ok := w.granted(method.NeedOnePlace)
	if !ok {
		return
	}
	if !g.All {
		accuse("grant."+string(method.NeedOnePlace), "all was expected, found %g: data are in one place or are not", g.Amount)
	}
	for _, p := range w.pools {
		if p.rule != nil && p.size > mostOffered {
			accuse("grant."+string(method.NeedOnePlace), "the %d participants of pool %q draw their examples for themselves, and those of at most %d can be gathered: leave the grant out, or lower `count`", p.size, p.name, mostOffered)
		}
	}
}

// refused is the error of a need that is not granted.
func refused(what string, n method.Need) error {
	return fmt.Errorf("%s, which the scenario does not grant; write grant: {%s: all}, or name a method that does not need it", what, n)
}

// seen are the rows that a stage shows, and of those that earlier stages showed as many as are
// granted: a number of them, the first by the hash of the row; those of a share of all rows, by
// the hash as well, so that a row that may be known stays known; or all.
func (w *World) seen(i int, p *pool, rows []int) ([]int, error) {
	g, ok := w.granted(method.NeedPast)
	if !ok {
		return nil, refused(`"seen" holds data of past stages`, method.NeedPast)
	}
	now := w.visible(i, p, rows)
	var past []int
	for before := range i {
		past = append(past, w.visible(before, p, rows)...)
	}
	slices.Sort(past)
	past = slices.DeleteFunc(slices.Compact(past), func(r int) bool { _, is := slices.BinarySearch(now, r); return is })
	switch {
	case g.All:
	case g.Amount < 1:
		past = slices.DeleteFunc(past, func(r int) bool { return data.Fraction(p.set.Train[r].Hash) >= g.Amount })
	default:
		slices.SortFunc(past, func(a, b int) int {
			return cmp.Or(cmp.Compare(p.set.Train[a].Hash, p.set.Train[b].Hash), cmp.Compare(a, b))
		})
		past = past[:min(len(past), int(g.Amount))]
	}
	out := append(slices.Clone(now), past...)
	slices.Sort(out)
	return out, nil
}

// Column is what a method may know of a column of an example that a participant sees. Protected
// attributes, and at a test the task, are known as far as they are granted: known is false for a
// row that the grant leaves out, and it is an error to ask where nothing is granted.
func (w *World) Column(whom method.ID, r Row, name string) (value string, known bool, err error) {
	value, has := r.Example().Columns[name]
	if !has {
		return "", false, fmt.Errorf("an example has no column %q; its data have %q", name, r.set.Names)
	}
	test := r.test || whom.Pool == coordinator.EvaluationPool
	need := method.Need("")
	switch {
	case slices.Contains(r.set.Groups, name) && test:
		need = method.NeedTestGroups
	case slices.Contains(r.set.Groups, name):
		need = method.NeedTrainGroups
	case test && name == data.TaskColumn && len(r.set.Tasks) > 0:
		need = method.NeedTestTask
	default:
		return value, true, nil
	}
	g, ok := w.granted(need)
	if !ok {
		return "", false, refused(fmt.Sprintf("it looks at the column %q", name), need)
	}
	if !g.All && data.Fraction(r.Example().Hash) >= g.Amount {
		return "", false, nil
	}
	return value, true, nil
}
