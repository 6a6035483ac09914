package report

import (
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
)

// figuresOf draws every score along every axis, and then what each round lost by folding.
func figuresOf(s results.Summary) ([]figure, error) {
	var out []figure
	for i, score := range s.Scores {
		f := figure{Title: sentence(score.Name), Caption: caption(score), Open: i == 0}
		for _, x := range axes {
			curves := scoreCurves(s, score, x)
			if !drawable(curves) || !counted(curves) {
				continue
			}
			g := graph{Curves: curves, XLabel: x.Name, YLabel: label(score), XUnit: x.Unit, Whole: x.Name == "rounds"}
			svg, err := g.draw()
			if err != nil {
				return nil, err
			}
			f.Plots = append(f.Plots, svg)
		}
		if len(f.Plots) > 0 {
			out = append(out, f)
		}
		if i > 0 {
			continue
		}
		cost, err := paretoOf(s, score)
		if err != nil {
			return nil, err
		}
		if len(cost.Plots) > 0 {
			out = append(out, cost)
		}
	}
	for _, draw := range []func(results.Summary) (figure, error){lostFigure, movedFigure, queueFigure} {
		more, err := draw(s)
		if err != nil {
			return nil, err
		}
		if len(more.Plots) > 0 {
			out = append(out, more)
		}
	}
	return out, nil
}

// lostFigure is the aggregation error of every round, where there was something to aggregate.
func lostFigure(s results.Summary) (figure, error) {
	lost := figure{Title: "Aggregation error per round", Open: true,
		Caption: "What the round deployed minus the weighted mean of its participants' own updates, in the Frobenius norm over all adapted modules; " +
			"relative: divided by the norm of that mean. Zero is exact."}
	for _, name := range []string{results.AggErrorRel, results.AggError} {
		curves := foldCurves(s, name)
		if !drawable(curves) {
			continue
		}
		svg, err := graph{Curves: curves, XLabel: "round", YLabel: map[bool]string{true: "relative error", false: "absolute error"}[name == results.AggErrorRel],
			XUnit: plainUnit, Whole: true, Zero: true}.draw()
		if err != nil {
			return lost, err
		}
		lost.Plots = append(lost.Plots, svg)
	}
	return lost, nil
}

func drawable(curves []curve) bool {
	for _, c := range curves {
		if len(c.Points) > 0 {
			return true
		}
	}
	return false
}

// counted says whether a cost is anywhere other than 0: not all worlds know of all.
func counted(curves []curve) bool {
	return slices.ContainsFunc(curves, func(c curve) bool {
		return slices.ContainsFunc(c.Points, func(p point) bool { return p.X != 0 })
	})
}

func label(s results.Score) string {
	name := strings.ReplaceAll(s.Name, ".", " ")
	if s.Unit != "" {
		name += " (" + s.Unit + ")"
	}
	return name
}

func sentence(name string) string {
	name = strings.ReplaceAll(name, ".", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

// caption says what the metric is and what the band shows.
func caption(s results.Score) string {
	text := "Lower is better. "
	if s.Higher {
		text = "Higher is better. "
	}
	if s.Formula != "" {
		text += "Formula: " + strings.TrimSuffix(s.Formula, ".") + ". "
	}
	return text + "Lines join means over seeds; bands reach from the least to the greatest seed. The first point is the base before any training."
}

// legend draws a sample of each arm's line, once for the page.
func legend(s results.Summary) ([]key, error) {
	var out []key
	for i, a := range s.Arms {
		svg, err := sample(i)
		if err != nil {
			return nil, err
		}
		out = append(out, key{Label: a.Name, Sample: svg})
	}
	return out, nil
}
