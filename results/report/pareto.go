package report

import (
	"strings"

	"github.com/loramesh/loramesh/results"
)

// price is one of the costs that a score is weighed against.
type price struct {
	Name string // on the axis
	Of   func(results.Arm) (float64, bool)
	Unit unit
}

var prices = []price{
	{"bytes sent, up and down", func(a results.Arm) (float64, bool) {
		up, ok := a.Column(results.UpBytes)
		down, _ := a.Column(results.DownBytes)
		return up.Mean + down.Mean, ok
	}, byteUnit},
	{"virtual time", func(a results.Arm) (float64, bool) {
		t, ok := a.Column(results.Time)
		return t.Mean, ok
	}, timeUnit},
}

// paretoOf draws a score against what it cost, an arm a mark, and names the arms that no
// other beats in both.
func paretoOf(s results.Summary, score results.Score) (figure, error) {
	f := figure{Title: "What " + strings.ReplaceAll(score.Name, ".", " ") + " cost", Open: true,
		Caption: "An arm a mark: mean over seeds at the end; one that has no room for its name is in the legend. " + better(score)}
	for _, p := range prices {
		var curves []curve
		for i, a := range s.Arms {
			c, ok := a.Column(score.Name)
			x, priced := p.Of(a)
			if ok && priced {
				curves = append(curves, curve{Label: a.Name, Index: i, Points: []point{{X: x, Y: c.Mean, Low: c.Min, High: c.Max}}})
			}
		}
		if len(curves) < 2 {
			continue
		}
		svg, err := graph{Curves: curves, XLabel: p.Name, YLabel: label(score), XUnit: p.Unit, Named: true,
			Says: label(score) + " against " + p.Name + ", an arm a mark"}.draw()
		if err != nil {
			return f, err
		}
		f.Plots = append(f.Plots, svg)
		f.Caption += " Not beaten in score and " + p.Name + " at once: " + strings.Join(unbeaten(curves, score.Higher), ", ") + "."
	}
	return f, nil
}

func better(s results.Score) string {
	if s.Higher {
		return "Higher and further left is better."
	}
	return "Lower and further left is better."
}

// unbeaten lists the curves than whose point no other is as good in both and better in one.
func unbeaten(curves []curve, higher bool) []string {
	var out []string
	for _, c := range curves {
		beaten := false
		for _, o := range curves {
			x, y := c.Points[0], o.Points[0]
			gain := x.Y - y.Y // above 0: the other is better
			if higher {
				gain = -gain
			}
			beaten = beaten || gain >= 0 && y.X <= x.X && (gain > 0 || y.X < x.X)
		}
		if !beaten {
			out = append(out, c.Label)
		}
	}
	return out
}
