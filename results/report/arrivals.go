package report

import (
	"slices"

	"github.com/loramesh/loramesh/results"
)

// arrivalsFigure draws, where stages come at times of their own ([results.Run.Arrivals]), how long each
// waited for those before it and how many more had come by then; if none had to wait, it has no plots.
func arrivalsFigure(s results.Summary, came map[string][]results.Arrived) (f figure, err error) {
	waited := false
	for _, all := range came {
		waited = waited || slices.ContainsFunc(all, func(x results.Arrived) bool { return x.Waited() > 0 })
	}
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
		svg, err := graph{Curves: arrivalCurves(s, came, y.of), XLabel: "stage", YLabel: y.label, XUnit: plainUnit, Whole: true, Zero: true}.draw()
		if err != nil {
			return f, err
		}
		f.Plots = append(f.Plots, svg)
	}
	return f, nil
}

// arrivalCurves has a number of the stages, one after the other.
func arrivalCurves(s results.Summary, came map[string][]results.Arrived, of func(results.Arrived) float64) []curve {
	return curvesOf(s, func(t *results.Trial) (course []point) {
		for k, x := range came[t.ID] {
			course = append(course, point{X: float64(k + 1), Y: of(x)})
		}
		return course
	})
}
