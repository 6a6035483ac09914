package report

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
)

// A page has the queue of stages where one waited, and no figure where nobody did.
func TestArrivalsFigure(t *testing.T) {
	arm := func(began ...float64) results.Summary {
		trial := &results.Trial{}
		for i, b := range began {
			trial.Arrivals = append(trial.Arrivals, results.Arrived{At: float64(10 * i), Began: b, Waiting: i})
		}
		return results.Summary{Arms: []results.Arm{{Name: "arm", Trials: []*results.Trial{trial}}}}
	}
	for _, none := range []results.Summary{arm(), arm(0, 10, 20)} {
		if f, err := arrivalsFigure(none); err != nil || len(f.Plots) > 0 {
			t.Errorf("%d plots where nobody waited, %v", len(f.Plots), err)
		}
	}
	s := arm(0, 25, 30)
	f, err := arrivalsFigure(s)
	if err != nil || len(f.Plots) != 2 || !strings.Contains(string(f.Plots[0]), "waited") || !strings.Contains(string(f.Plots[1]), "stages waiting") {
		t.Errorf("plots %v, %v", f.Plots, err)
	}
	if p := arrivalCurves(s, results.Arrived.Waited)[0].Points; len(p) != 3 || p[1].X != 2 || p[1].Y != 15 {
		t.Errorf("points %v", p)
	}
}
