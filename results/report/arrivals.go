package report

import (
	"slices"

	"github.com/loramesh/loramesh/results"
)

// arrivalsFigure draws, where stages come at times of their own, how long each waited for those
// before it and how many more had come by then; without any, or if none had to wait, it has no plots.
func arrivalsFigure(s results.Summary) (f figure, err error) {
	waited := slices.ContainsFunc(s.Arms, func(a results.Arm) bool {
		return slices.ContainsFunc(a.Trials, func(t *results.Trial) bool {
			return slices.ContainsFunc(t.Arrivals, func(x results.Arrived) bool { return x.Waited() > 0 })
		})
	})
	if !waited {
		return f, nil
	}
	f = figure{Title: "Queue of stages", Caption: "Where stages come at times of their own (at): how long each waited for those before it to end, " +
		"and how many more had come when it began. Stages are in order, the first is 1. " +
		"Lines join means over seeds; bands reach from the least to the greatest seed."}
	for _, y := range []struct {
		label string
		of    func(results.Arrived) float64
	}{
		{"waited (virtual s)", results.Arrived.Waited},
		{"stages waiting", func(a results.Arrived) float64 { return float64(a.Waiting) }},
	} {
		svg, err := graph{Curves: arrivalCurves(s, y.of), XLabel: "stage", YLabel: y.label, XUnit: plainUnit, Whole: true, Zero: true}.draw()
		if err != nil {
			return f, err
		}
		f.Plots = append(f.Plots, svg)
	}
	return f, nil
}

// arrivalCurves has a number of the stages, one after the other.
func arrivalCurves(s results.Summary, of func(results.Arrived) float64) (out []curve) {
	for i, a := range s.Arms {
		var courses [][]point
		for _, t := range a.Trials {
			var course []point
			for k, x := range t.Arrivals {
				course = append(course, point{X: float64(k + 1), Y: of(x)})
			}
			courses = append(courses, course)
		}
		out = append(out, curve{Label: a.Name, Index: i, Seeds: len(a.Trials), Points: join(courses)})
	}
	return out
}
