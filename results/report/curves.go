package report

import (
	"math"
	"slices"

	"github.com/loramesh/loramesh/results"
)

// curve is one arm on one plot. Its points are means over the arm's seeds; Low and High
// are the least and the greatest of them.
type curve struct {
	Label  string
	Index  int // of its colour, dash and mark: the same on every plot of the page
	Points []point
	Seeds  int
}

type point struct{ X, Y, Low, High float64 }

// axis is what a plot's points stand against.
type axis struct {
	Name string
	Of   func(results.Reach) float64
	Unit unit
}

var axes = []axis{
	{"rounds", func(r results.Reach) float64 { return r.Rounds }, plainUnit},
	{"virtual time", func(r results.Reach) float64 { return r.Time }, timeUnit},
	{"bytes sent, up and down", func(r results.Reach) float64 { return r.Bytes }, byteUnit},
	{"FLOPs by all participants", func(r results.Reach) float64 { return r.Flops }, flopUnit},
	{"examples used by all participants", func(r results.Reach) float64 { return r.Examples }, countUnit},
	{"energy of all participants", func(r results.Reach) float64 { return r.Energy }, jouleUnit},
}

// curvesOf has a curve for each arm, of the course that each of its trials took.
func curvesOf(s results.Summary, course func(*results.Trial) []point) (out []curve) {
	for i, a := range s.Arms {
		var courses [][]point
		for _, t := range a.Trials {
			courses = append(courses, course(t))
		}
		out = append(out, curve{Label: a.Name, Index: i, Seeds: len(a.Trials), Points: join(courses)})
	}
	return out
}

// scoreCurves has the course of one score along one axis. Seeds are joined evaluation by
// evaluation: the third point is the mean of the third evaluations, both ways.
func scoreCurves(s results.Summary, score results.Score, x axis) []curve {
	return curvesOf(s, func(t *results.Trial) (course []point) {
		for _, p := range t.Course(score) {
			course = append(course, point{X: x.Of(p.Reach), Y: p.Value})
		}
		return course
	})
}

// foldCurves has a number of the folds, round by round; none where the run does not tell it.
func foldCurves(s results.Summary, name string) []curve {
	if !s.Tells(name) {
		return nil
	}
	return curvesOf(s, func(t *results.Trial) (course []point) {
		for _, f := range t.Folds {
			for _, v := range f.Values {
				if v.Name == name && v.Group == "" {
					course = append(course, point{X: float64(f.Round + 1), Y: float64(v.Value)})
				}
			}
		}
		return course
	})
}

// join makes means with the least and the greatest, as far as every seed goes. Numbers
// that are none (a course that diverged) end the curve.
func join(courses [][]point) []point {
	if len(courses) == 0 {
		return nil
	}
	n := len(slices.MinFunc(courses, func(a, b []point) int { return len(a) - len(b) }))
	var out []point
	for k := range n {
		p := point{Low: math.Inf(1), High: math.Inf(-1)}
		for _, c := range courses {
			p.X += c[k].X / float64(len(courses))
			p.Y += c[k].Y / float64(len(courses))
			p.Low, p.High = min(p.Low, c[k].Y), max(p.High, c[k].Y)
		}
		if math.IsNaN(p.Y) || math.IsInf(p.Y, 0) {
			break
		}
		out = append(out, p)
	}
	return out
}
