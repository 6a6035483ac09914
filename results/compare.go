package results

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/results/stat"
)

// Comparison is a table of how arms differ from one reference, seed by seed. The p-values
// of one score are adjusted together.
type Comparison struct {
	Reference string // the arm that the others are compared with
	Rows      []Compared
	Warnings  []error // of the table as a whole
}

// Compared is one row: an arm minus its reference, in one score at the end.
type Compared struct {
	Arm       string
	Reference string
	Score     Score
	Seeds     []uint64 // that both have, in the order of the differences
	*stat.Paired
}

// Ask says how arms are to be compared. The zero value compares every score with the
// margin of its metric, resampling seeds alone.
type Ask struct {
	Scores []string // names, as "test.loss"; none: all
	Margin float64  // differences within ± this are of no account; 0: that of each metric
	Within string   // resample the groups of this column within each seed, as a sample of clients or queries; "": seeds alone
}

// side is one of two arms, and its name where it is shown.
type side struct {
	shown string
	Arm
}

// Compare compares arms of a run with a reference arm. No reference means the first arm of
// the plan, no arms all others. Names that the run lacks are errors that list those it has.
func (r *Run) Compare(reference string, arms []string, ask Ask) (Comparison, error) {
	s := r.Summarise()
	if len(s.Arms) < 2 {
		return Comparison{}, fmt.Errorf("%w: %s has one arm with finished trials; an arm needs another to be compared with", ErrCompare, r.Dir)
	}
	if reference == "" {
		reference = r.Trials[0].Head.Arm
	}
	if len(arms) == 0 {
		for _, a := range s.Arms {
			if a.Name != reference {
				arms = append(arms, a.Name)
			}
		}
	}
	ref, err := s.side(reference)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{Reference: reference}
	for _, name := range arms {
		a, err := s.side(name)
		if err != nil {
			return Comparison{}, err
		}
		if name == reference {
			return Comparison{}, fmt.Errorf("%w: arm %q with itself", ErrCompare, name)
		}
		if err := c.add(a, ref, slices.Concat(s.Scores, s.Learned), ask); err != nil {
			return Comparison{}, err
		}
	}
	c.finish(r.tuning())
	return c, nil
}

// CompareRuns compares each later run with the first, arm by arm of one name; two runs of
// one arm each are compared whatever the arms are called.
func CompareRuns(runs []*Run, ask Ask) (Comparison, error) {
	first := runs[0].Summarise()
	c := Comparison{Reference: runs[0].label()}
	var tuned []tuned
	for _, r := range runs {
		tuned = append(tuned, r.tuning()...)
	}
	for _, r := range runs[1:] {
		s := r.Summarise()
		n := len(c.Rows)
		for _, ref := range first.Arms {
			for _, a := range s.Arms {
				if a.Name != ref.Name && (len(first.Arms) > 1 || len(s.Arms) > 1) {
					continue
				}
				x := side{r.label() + ": " + a.Name, a}
				y := side{runs[0].label() + ": " + ref.Name, ref}
				if err := c.add(x, y, slices.Concat(s.Scores, s.Learned), ask); err != nil {
					return Comparison{}, err
				}
			}
		}
		if len(c.Rows) == n {
			return Comparison{}, fmt.Errorf("%w: %s has the arms %q and %s has %q; none is in both", ErrCompare, runs[0].Dir, first.names(), r.Dir, s.names())
		}
	}
	c.finish(tuned)
	return c, nil
}

// add makes a row for each score that is asked for.
func (c *Comparison) add(a, ref side, scores []Score, ask Ask) error {
	var names []string
	for _, score := range scores {
		names = append(names, score.Name)
		if len(ask.Scores) > 0 && !slices.Contains(ask.Scores, score.Name) {
			continue
		}
		if len(ask.Scores) == 0 && (!a.has(score.Name) || !ref.has(score.Name)) {
			continue // as of a router where one of the two has none
		}
		row, err := compare(a, ref, score, ask)
		if err != nil {
			return err
		}
		c.Rows = append(c.Rows, row)
	}
	for _, name := range ask.Scores {
		if !slices.Contains(names, name) {
			return fmt.Errorf("%w: no score %q at the end of the trials; there are %q", ErrCompare, name, names)
		}
	}
	return nil
}

func compare(a, ref side, score Score, ask Ask) (Compared, error) {
	pairs, warnings, blocked := pair(a, ref, score, ask.Within)
	row := Compared{Arm: a.shown, Reference: ref.shown, Score: score}
	var h stat.Hierarchy
	for _, p := range pairs {
		row.Seeds = append(row.Seeds, p.seed)
		h = append(h, p.units)
	}
	margin := ask.Margin
	if margin == 0 {
		margin = score.Margin()
	}
	key := rng.New(1).At("results", "compare", a.shown, ref.shown, score.Name)
	row.Paired = stat.Compare(h, stat.Usual(score.Higher, margin, key))
	if ask.Within != "" && len(pairs) > 0 && !row.Nested {
		return row, fmt.Errorf("%w: %s was not evaluated by the column %q in both arms: %q and %q; write \"by: [%s]\" in evaluate, or leave --within out",
			ErrCompare, score.Name, ask.Within, a.shown, ref.shown, ask.Within)
	}
	for _, w := range warnings {
		row.Warn(w)
	}
	for _, w := range blocked {
		row.Cap(w)
	}
	return row, nil
}

// finish adjusts the p-values of each score's rows together, and warns where methods were
// not tuned alike. Scores are not adjusted for one another: the first is the one that the
// run is about, and the others stand beside it.
func (c *Comparison) finish(tried []tuned) {
	families := map[string][]*stat.Paired{}
	for _, r := range c.Rows {
		families[r.Score.Name] = append(families[r.Score.Name], r.Paired)
	}
	for _, rows := range families {
		stat.Together(rows)
	}
	c.Warnings = append(c.Warnings, unequalTuning(tried)...)
}

func (s Summary) side(name string) (side, error) {
	i := slices.IndexFunc(s.Arms, func(a Arm) bool { return a.Name == name })
	if i < 0 {
		return side{}, fmt.Errorf("%w: no arm %q; there are %q", ErrCompare, name, s.names())
	}
	return side{name, s.Arms[i]}, nil
}

func (s Summary) names() []string {
	out := make([]string, len(s.Arms))
	for i, a := range s.Arms {
		out[i] = a.Name
	}
	return out
}

// label is a run's name where several stand in one table: that of its folder.
func (r *Run) label() string {
	return r.Dir[strings.LastIndexAny(strings.TrimRight(r.Dir, "/"), "/")+1:]
}
