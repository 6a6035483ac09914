package report

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
)

// movedRow is what the rounds of an arm measured of updates, over all modules or in one.
type movedRow struct{ Arm, Module, Error, Relative, Drift, Overlap, Effective, Stable string }

// movedOf lists the arms, each with a row over all its modules and one for each.
func movedOf(s results.Summary) (out []movedRow) {
	for _, a := range s.Arms {
		for i, module := range append([]string{""}, modulesOf(a)...) {
			group, row := "module="+module, movedRow{Module: module}
			if i == 0 {
				group, row = "", movedRow{Arm: a.Name, Module: "all"}
			}
			over := func(name string) string {
				if !s.Tells(name) {
					return "–"
				}
				return overRounds(a, name, group)
			}
			row.Error, row.Relative = over(results.AggError), over(results.AggErrorRel)
			row.Drift, row.Overlap, row.Effective, row.Stable = over(results.Drift), over(results.Overlap), over(results.RankEffective), over(results.RankStable)
			if row.Drift != "–" || row.Overlap != "–" || row.Effective != "–" || row.Error != "–" {
				out = append(out, row)
			}
		}
	}
	return out
}

// modulesOf are those of which the folds of an arm report something, in order of appearance.
func modulesOf(a results.Arm) (modules []string) {
	for _, t := range a.Trials {
		for _, f := range t.Folds {
			for _, v := range f.Values {
				if m, ok := strings.CutPrefix(v.Group, "module="); ok && slices.Contains(results.OfUpdates, v.Name) && !slices.Contains(modules, m) {
					modules = append(modules, m)
				}
			}
		}
	}
	return modules
}

// overRounds is the mean over rounds of a number of a group, or of all, with its spread over
// seeds.
func overRounds(a results.Arm, name, group string) string {
	var each []float64
	for _, t := range a.Trials {
		if mean, ok := t.MeanOfFolds(name, group); ok {
			each = append(each, mean)
		}
	}
	if len(each) == 0 {
		return "–"
	}
	return results.NewSpread(each).Text()
}

// movedFigure draws the numbers of updates round by round.
func movedFigure(s results.Summary) (figure, error) {
	f := figure{Title: "Drift, overlap and ranks per round",
		Caption: "How far clients went apart, how much of their leading directions two of them share, and how many directions the round's change has, means over modules."}
	for _, c := range []struct{ name, label string }{{results.Drift, "client drift"}, {results.Overlap, "overlap of clients"},
		{results.RankEffective, "effective rank"}, {results.RankStable, "stable rank"}} {
		curves := foldCurves(s, c.name)
		if !drawable(curves) {
			continue
		}
		svg, err := graph{Curves: curves, XLabel: "round", YLabel: c.label, XUnit: plainUnit, Whole: true, Zero: true}.draw()
		if err != nil {
			return f, err
		}
		f.Plots = append(f.Plots, svg)
	}
	return f, nil
}
