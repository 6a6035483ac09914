package claims

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/stat"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Where arms are measured: across the places of a curve, each of which is a point of its own,
// and in several orders of tasks, which stand under a seed as its clients would. In a run both
// are axes after the arms: a trial is called "gates first=8 order=2 seed=1", and the point
// that it belongs to "gates first=8".

// axesFit says whether orders and places are such that a try can lay them.
func (c Claim) axesFit() bool {
	axes := c.Across
	if len(axes) > 0 && c.Kind != Curve {
		return false
	}
	if c.Orders != nil {
		axes = append(slices.Clone(axes), *c.Orders)
	}
	return !slices.ContainsFunc(axes, func(a Axis) bool { return a.Path == "" || len(a.Values) < 2 })
}

// firstUnknown is the first of the claim's measures that no trial has.
func (c Claim) firstUnknown() string {
	all := append([]string{c.Measure}, c.Also...)
	if c.Grid != nil {
		all = append(all, c.Grid.Measure)
	}
	if i := slices.IndexFunc(all, immeasurable); i >= 0 {
		return all[i]
	}
	return ""
}

func immeasurable(name string) bool { return !measurable(name) }

// axes are what a try lays over the scenario's `vary`, the orders last.
func (t trying) axes() (sets []string) {
	all := t.Across
	if t.Orders != nil {
		all = append(slices.Clone(all), *t.Orders)
	}
	for _, a := range all {
		text, err := json.Marshal(a.Values)
		if err != nil {
			panic("claims: " + err.Error()) // they were YAML before
		}
		axis := "vary." + a.Path + "="
		sets = append(sets, axis+"null", axis+string(text)) // anew, so that it is the last
	}
	return sets
}

// ordersDiffer says whether every two orders of tasks make other data at the same place: two that
// are one would count twice in a seed's mean. heads are those of one arm at one seed.
func (t trying) ordersDiffer(heads []ledger.Trial) error {
	if t.Orders == nil {
		return nil
	}
	for i, h := range heads {
		for _, other := range heads[:i] {
			if t.place(h.Arm) == t.place(other.Arm) && slices.Equal(h.Data, other.Data) {
				return fmt.Errorf("claims: of the orders %s of %s two are the same: %q and %q have the same data; register the claim with values that differ",
					axisText(*t.Orders), t.ID, other.Arm, h.Arm)
			}
		}
	}
	return nil
}

// place is an arm of a run without the order that it learned tasks in.
func (t trying) place(arm string) string {
	if t.Orders == nil {
		return arm
	}
	at := strings.LastIndexByte(arm, ' ')
	return arm[:max(at, 0)]
}

// places are the points of a run, in the order of its plan.
func (t trying) places(run *results.Run) (out []string) {
	for _, x := range run.Trials {
		if p := t.place(x.Head.Arm); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// bySeed are the trials at a place: for each seed, in the order of the plan, one for each order
// of tasks.
func (t trying) bySeed(run *results.Run, place string) (trials [][]*results.Trial, seeds []uint64, err error) {
	for _, x := range run.Trials {
		if t.place(x.Head.Arm) != place {
			continue
		}
		i := slices.Index(seeds, x.Head.Seed)
		if i < 0 {
			i, seeds, trials = len(seeds), append(seeds, x.Head.Seed), append(trials, nil)
		}
		trials[i] = append(trials[i], x)
	}
	if len(trials) == 0 {
		return nil, nil, fmt.Errorf("claims: the run %s has no arm %q", run.Dir, place)
	}
	return trials, seeds, nil
}

// pointAt is the mean of a measure over the seeds of a place.
func (t trying) pointAt(run *results.Run, place, name string) (Point, error) {
	trials, _, err := t.bySeed(run, place)
	if err != nil {
		return Point{}, err
	}
	var h stat.Hierarchy
	for _, ofSeed := range trials {
		var units []stat.Unit
		for _, x := range ofSeed {
			v, err := measure(x, name)
			if err != nil {
				return Point{}, err
			}
			units = append(units, stat.Unit{Value: v, Weight: 1})
		}
		h = append(h, units)
	}
	s := results.NewSpread(h.Seeds())
	return Point{At: place, Value: ledger.Number(s.Mean), SD: ledger.Number(s.SD), N: s.N}, nil
}

// differ is a place's measure minus another's, seed by seed, and within a seed order by order
// and group by group.
func (t trying) differ(run *results.Run, place, against string) (stat.Hierarchy, error) {
	mine, seeds, err := t.bySeed(run, place)
	if err != nil {
		return nil, err
	}
	theirs, others, err := t.bySeed(run, against)
	if err != nil {
		return nil, err
	}
	var out stat.Hierarchy
	for i, seed := range seeds {
		j := slices.Index(others, seed)
		if j < 0 || len(mine[i]) != len(theirs[j]) {
			continue
		}
		var all []stat.Unit
		for k := range mine[i] {
			u, err := units(mine[i][k], theirs[j][k], t.Measure, t.Within)
			if err != nil {
				return nil, err
			}
			all = append(all, u...)
		}
		out = append(out, all)
	}
	return out, nil
}
