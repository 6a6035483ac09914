package report

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
)

// A page has the queue of stages where one waited, and no figure where nobody did.
func TestArrivalsFigure(t *testing.T) {
	s := results.Summary{Arms: []results.Arm{{Name: "arm", Trials: []*results.Trial{{ID: "1"}}}}}
	begun := func(at ...float64) map[string][]results.Arrived {
		var all []results.Arrived
		for i, b := range at {
			all = append(all, results.Arrived{At: float64(10 * i), Began: b, Waiting: i})
		}
		return map[string][]results.Arrived{"1": all}
	}
	for _, none := range []map[string][]results.Arrived{nil, begun(0, 10, 20)} {
		if f, err := arrivalsFigure(s, none); err != nil || len(f.Plots) > 0 {
			t.Errorf("%d plots where nobody waited, %v", len(f.Plots), err)
		}
	}
	came := begun(0, 25, 30)
	f, err := arrivalsFigure(s, came)
	if err != nil || len(f.Plots) != 2 || !strings.Contains(string(f.Plots[0]), "waited") || !strings.Contains(string(f.Plots[1]), "stages waiting") {
		t.Errorf("plots %v, %v", f.Plots, err)
	}
	if p := arrivalCurves(s, came, results.Arrived.Waited)[0].Points; len(p) != 3 || p[1].X != 2 || p[1].Y != 15 {
		t.Errorf("points %v", p)
	}
}
