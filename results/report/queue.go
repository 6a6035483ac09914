package report

import (
	"slices"

	"github.com/loramesh/loramesh/results"
)

// queueFigure draws, where leases fly on from round to round, how many are out and how old the
// reports are that rounds take, over virtual time; without any it has no plots.
func queueFigure(s results.Summary) (f figure, err error) {
	waited := slices.ContainsFunc(s.Arms, func(a results.Arm) bool {
		return slices.ContainsFunc(a.Trials, func(t *results.Trial) bool { return slices.ContainsFunc(t.Queue, results.Queued.Waited) })
	})
	if !waited {
		return f, nil
	}
	f = figure{Title: "Queue and staleness", Caption: "Where rounds close before all have finished: leases of earlier rounds that are out when a round opens, " +
		"and the mean age of the reports that it takes, in rounds folded since they were asked for. Of rounds that wait for all both are 0. " +
		"Lines join means over seeds; bands reach from the least to the greatest seed."}
	for _, y := range []struct {
		label string
		of    func(results.Queued) point
	}{
		{"leases of earlier rounds", func(q results.Queued) point { return point{X: q.Opened, Y: float64(q.Flying)} }},
		{"age of reports (rounds)", func(q results.Queued) point { return point{X: q.Closed, Y: q.Age} }},
	} {
		svg, err := graph{Curves: queueCurves(s, y.of), XLabel: "virtual time", YLabel: y.label, XUnit: timeUnit, Zero: true}.draw()
		if err != nil {
			return f, err
		}
		f.Plots = append(f.Plots, svg)
	}
	return f, nil
}

// queueCurves has a number of the queues, round by round.
func queueCurves(s results.Summary, of func(results.Queued) point) []curve {
	return curvesOf(s, func(t *results.Trial) (course []point) {
		for _, q := range t.Queue {
			course = append(course, of(q))
		}
		return course
	})
}
