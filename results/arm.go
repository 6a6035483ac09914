package results

import (
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results/stat"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Arm is the trials that differ in their seed alone.
type Arm struct {
	Name    string // as the plan names it
	Method  string // the chain: "flora", or "erm → fairnet"
	Ranks   string // "16…2", "8", "rank 2 of 16…2"
	Trials  []*Trial
	Columns []Column
}

// Column is one number of an arm over its seeds.
type Column struct {
	Name   string // of the measure
	Spread Spread
}

// Spread is what seeds make of one number. Below two seeds SD is NaN, and nothing is
// invented in its place.
type Spread struct {
	N        int
	Mean, SD float64 // SD is the sample standard deviation (n−1 below the line)
	Min, Max float64
}

// NewSpread sums in the order given.
func NewSpread(xs []float64) Spread {
	s := Spread{N: len(xs), Mean: stat.Mean(xs), SD: stat.SD(xs), Min: math.NaN(), Max: math.NaN()}
	if len(xs) > 0 {
		s.Min, s.Max = slices.Min(xs), slices.Max(xs)
	}
	return s
}

// Column finds a number of the arm.
func (a Arm) Column(name string) (Spread, bool) {
	for _, c := range a.Columns {
		if c.Name == name {
			return c.Spread, true
		}
	}
	return Spread{}, false
}

// has says whether any of the arm's trials has a number of that name.
func (a Arm) has(name string) bool {
	_, ok := a.Column(name)
	return ok
}

// Seeds lists the seeds of the arm's trials.
func (a Arm) Seeds() []uint64 {
	seeds := make([]uint64, len(a.Trials))
	for i, t := range a.Trials {
		seeds[i] = t.Head.Seed
	}
	return seeds
}

// Summary is a run as a table: an arm a row.
type Summary struct {
	Arms    []Arm
	Scores  []Score // the metrics scored at the end, in the order of the first trial, then those that other arms have
	Learned []Score // what follows from scores on each task after each
	Sorted  string  // the rule of the rows' order, in words
	Alone   bool    // tasks came one after the other, and in no round two reported: nothing was aggregated
}

// Tells says whether a number of the folds says something of this run. What aggregation loses, and
// how far clients go apart, does not where nothing was aggregated.
func (s Summary) Tells(name string) bool {
	return !s.Alone || !slices.Contains([]string{AggError, AggErrorRel, Drift}, name)
}

// Summarise groups a run's trials into arms and sorts them: best mean of the first score
// first, in the direction that the metric catalogue gives; arms without a score last.
func (r *Run) Summarise() Summary {
	var s Summary
	for _, t := range r.Trials {
		i := slices.IndexFunc(s.Arms, func(a Arm) bool { return a.Name == t.Head.Arm })
		if i < 0 {
			i = len(s.Arms)
			s.Arms = append(s.Arms, Arm{Name: t.Head.Arm, Method: t.Method(), Ranks: t.Ranks()})
		}
		s.Arms[i].Trials = append(s.Arms[i].Trials, t)
	}
	s.Scores, s.Learned = scores(s.Arms), learnedScores(s.Arms)
	s.Alone = len(s.Learned) > 0 && !slices.ContainsFunc(r.Trials, (*Trial).aggregates)
	for i := range s.Arms {
		s.Arms[i].Columns = slices.DeleteFunc(columns(s.Arms[i].Trials, s.Scores), func(c Column) bool { return !s.Tells(c.Name) })
	}
	if len(s.Scores) == 0 {
		s.Sorted = "in plan order"
		return s
	}
	first := s.Scores[0]
	s.Sorted = "by mean " + first.Name + ", lowest first"
	if first.Higher {
		s.Sorted = "by mean " + first.Name + ", highest first"
	}
	slices.SortStableFunc(s.Arms, func(a, b Arm) int { return byScore(a, b, first) })
	return s
}

// aggregates says whether a round was folded of more than one report.
func (t *Trial) aggregates() bool {
	return slices.ContainsFunc(t.Folds, func(f ledger.Fold) bool { return f.Reports > 1 })
}

func byScore(a, b Arm, s Score) int {
	x, okX := a.Column(s.Name)
	y, okY := b.Column(s.Name)
	switch {
	case !okX || !okY || math.IsNaN(x.Mean) || math.IsNaN(y.Mean):
		return rankOf(okX && !math.IsNaN(x.Mean)) - rankOf(okY && !math.IsNaN(y.Mean))
	case x.Mean == y.Mean:
		return 0
	case (x.Mean < y.Mean) != s.Higher:
		return -1
	}
	return 1
}

func rankOf(scored bool) int {
	if scored {
		return 0
	}
	return 1
}

// scores are the metrics that the arms scored at their end, each by its first trial: its others
// measure the same.
func scores(arms []Arm) []Score {
	var out []Score
	met := map[string]bool{}
	for _, a := range arms {
		t := a.Trials[0]
		measures := t.Measures()
		for _, e := range t.Evaluations {
			for _, v := range Overall(e.Values) {
				name := e.On + "." + v.Name
				if met[name] || !slices.ContainsFunc(measures, func(m Measured) bool { return m.Name == name }) {
					continue
				}
				met[name] = true
				out = append(out, newScore(name, v.Name))
			}
		}
	}
	return out
}

// columns gathers each number over an arm's trials. A number that some of them lack has a
// smaller N. Gains are taken trial by trial, so that what a seed does to the base's score
// is not counted as spread.
func columns(trials []*Trial, scores []Score) []Column {
	var names []string
	values := map[string][]float64{}
	add := func(name string, v float64) {
		if _, met := values[name]; !met {
			names = append(names, name)
		}
		values[name] = append(values[name], v)
	}
	for _, t := range trials {
		for _, m := range t.Measures() {
			add(m.Name, m.Value)
		}
		for _, s := range scores {
			end, okEnd := t.Measure(s.Name)
			start, okStart := t.Measure(s.Base())
			if okEnd && okStart {
				add(s.Delta(), end-start)
			}
		}
	}
	out := make([]Column, len(names))
	for i, name := range names {
		out[i] = Column{name, NewSpread(values[name])}
	}
	return out
}

// Method names the trial's chain: "flora", or "erm → fairnet".
func (t *Trial) Method() string {
	names := make([]string, len(t.Head.Methods))
	for i, m := range t.Head.Methods {
		names[i] = m.Name
	}
	return strings.Join(names, " → ")
}
