package results

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results/stat"
	"github.com/loramesh/loramesh/sim/ledger"
)

// ErrCompare says that what is to be compared is not there.
var ErrCompare = errors.New("cannot be compared")

// seedPair is what two arms differ by at one seed: one unit, or one for each client or
// query.
type seedPair struct {
	seed  uint64
	units []stat.Unit
}

// pair lists the differences of the seeds that two arms have in common. warnings are of
// seeds that are left out; blocked are of pairs that are none, because the trials did not
// see the same things.
func pair(a, ref side, score Score, within string) (pairs []seedPair, warnings, blocked []error) {
	var alone []string
	for _, t := range a.Trials {
		u := ofSeed(ref.Trials, t.Head.Seed)
		x, okX := t.Measure(score.Name)
		if u == nil || !okX {
			alone = append(alone, fmt.Sprint(t.Head.Seed))
			continue
		}
		y, okY := u.Measure(score.Name)
		if !okY {
			alone = append(alone, fmt.Sprint(t.Head.Seed))
			continue
		}
		if why := unlike(t.Head, u.Head); why != "" {
			blocked = append(blocked, fmt.Errorf("seed %d: the two did not see the same %s, so their difference is not paired", t.Head.Seed, why))
		}
		p := seedPair{t.Head.Seed, []stat.Unit{{Value: x - y, Weight: 1}}}
		if within != "" {
			if units, ok := Units(t.Groups(score), u.Groups(score), x-y, within); ok {
				p.units = units
			}
		}
		pairs = append(pairs, p)
	}
	for _, u := range ref.Trials {
		if ofSeed(a.Trials, u.Head.Seed) == nil {
			alone = append(alone, fmt.Sprint(u.Head.Seed))
		}
	}
	if len(alone) > 0 {
		warnings = append(warnings, fmt.Errorf("left out, for one of the two has no %s there: seed %s", score.Name, strings.Join(alone, ", ")))
	}
	return pairs, warnings, blocked
}

func ofSeed(trials []*Trial, seed uint64) *Trial {
	i := slices.IndexFunc(trials, func(t *Trial) bool { return t.Head.Seed == seed })
	if i < 0 {
		return nil
	}
	return trials[i]
}

// unlike names what two trials of one seed do not share and would have to: bases, data,
// and who takes part with how many examples. Ranks and methods are what arms differ in.
func unlike(a, b ledger.Trial) string {
	people := func(pools []ledger.Pool) (out []ledger.Pool) {
		for _, p := range pools {
			out = append(out, ledger.Pool{Name: p.Name, Size: p.Size, Examples: p.Examples})
		}
		return out
	}
	var why []string
	if !slices.Equal(a.Bases, b.Bases) {
		why = append(why, "base")
	}
	if !slices.Equal(a.Data, b.Data) {
		why = append(why, "data")
	}
	if !slices.EqualFunc(people(a.Pools), people(b.Pools), func(p, q ledger.Pool) bool {
		return p.Name == q.Name && p.Size == q.Size && p.Examples == q.Examples
	}) {
		why = append(why, "population")
	}
	return strings.Join(why, " and ")
}

// Units are the differences of two lists of a score by group, for the groups of one column. It
// is refused where groups and their weights differ, or do not add up to the whole difference.
func Units(x, y []ledger.Value, whole float64, column string) ([]stat.Unit, bool) {
	if len(x) != len(y) || len(x) == 0 {
		return nil, false
	}
	var units []stat.Unit
	for i := range x {
		cell, is := strings.CutPrefix(x[i].Group, column+"=")
		if !is || strings.Contains(cell, ",") || x[i].Group != y[i].Group || x[i].Weight != y[i].Weight {
			return nil, false
		}
		units = append(units, stat.Unit{Value: float64(x[i].Value) - float64(y[i].Value), Weight: x[i].Weight, Name: x[i].Group})
	}
	sum := stat.Hierarchy{units}.Seeds()[0]
	return units, math.Abs(sum-whole) <= 1e-9*max(1, math.Abs(whole))
}

// Groups is a score of the trial's last evaluation by group, sorted by the groups' names.
func (t *Trial) Groups(score Score) []ledger.Value {
	var out []ledger.Value
	for _, e := range t.Evaluations {
		if e.At == "start" || e.Round != t.End.Rounds {
			continue
		}
		for _, v := range e.Values {
			if v.Group == "" || e.On+"."+v.Name != score.Name {
				continue
			}
			i := slices.IndexFunc(out, func(o ledger.Value) bool { return o.Group == v.Group })
			if i < 0 {
				out = append(out, v)
			} else {
				out[i] = v
			}
		}
	}
	slices.SortFunc(out, func(a, b ledger.Value) int { return strings.Compare(a.Group, b.Group) })
	return out
}
