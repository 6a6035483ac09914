package report

import (
	"html/template"
	"slices"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/metric"
)

// soFar is what learning has come to after some tasks; told is the same score with experts told,
// empty where that was not measured.
type soFar struct {
	Name string
	Of   func(s, told metric.Tasks) (value float64, known bool)
}

var overTime = []soFar{
	{"mean over tasks so far", func(s, _ metric.Tasks) (float64, bool) { return s.ACC(), true }},
	{"forgetting so far", func(s, _ metric.Tasks) (float64, bool) { return s.Forgetting(metric.BeforeLast), len(s.R) > 1 }},
	{"routing gap", func(s, told metric.Tasks) (float64, bool) {
		if told.R == nil {
			return 0, false
		}
		return told.ACC() - s.ACC(), true
	}},
}

// taughtFigures draw what learning tasks one after the other came to, task by task.
func taughtFigures(s results.Summary) (out []figure, err error) {
	var scores []string
	of := map[*results.Trial][]results.Stream{}
	for _, a := range s.Arms {
		for _, t := range a.Trials {
			of[t] = t.Streams()
		}
		for _, x := range of[a.Trials[0]] {
			if !slices.Contains(scores, x.Score) {
				scores = append(scores, x.Score)
			}
		}
	}
	for _, score := range scores {
		f := figure{Title: sentence(score) + ", task by task",
			Caption: "After each task: the mean over the tasks learned by then; how far they fell, on the mean, from their best before the last of them; and, where it was measured, what the mean would gain if experts were told. Lines join means over seeds; bands reach from the least to the greatest seed."}
		for _, x := range overTime {
			curves := taughtCurves(s, of, score, x)
			if !drawable(curves) {
				continue
			}
			var svg template.HTML
			if svg, err = (graph{Curves: curves, XLabel: "tasks learned", YLabel: x.Name, XUnit: plainUnit, Whole: true}).draw(); err != nil {
				return nil, err
			}
			f.Plots = append(f.Plots, svg)
		}
		if len(f.Plots) > 0 {
			f.Open = len(out) == 0
			out = append(out, f)
		}
	}
	return out, nil
}

// taughtCurves has one number of each arm over the tasks learned, from the streams of its trials.
func taughtCurves(s results.Summary, of map[*results.Trial][]results.Stream, score string, x soFar) []curve {
	var out []curve
	for i, a := range s.Arms {
		c := curve{Label: a.Name, Index: i, Seeds: len(a.Trials)}
		var courses [][]point
		for _, t := range a.Trials {
			all := of[t]
			k := slices.IndexFunc(all, func(s results.Stream) bool { return s.Score == score })
			if k < 0 {
				continue
			}
			told, measured := all[k].Told(all)
			var course []point
			for n := 1; n <= len(all[k].Names); n++ {
				var oracle metric.Tasks
				if measured {
					oracle = told.Until(n)
				}
				if y, known := x.Of(all[k].Until(n), oracle); known {
					course = append(course, point{X: float64(n), Y: y})
				}
			}
			courses = append(courses, course)
		}
		c.Points = join(courses)
		out = append(out, c)
	}
	return out
}
