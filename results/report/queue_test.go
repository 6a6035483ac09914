package report

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
)

// A page has the queue where one waited, for all arms, and no figure where nobody did.
func TestQueueFigure(t *testing.T) {
	arm := func(name string, flying ...int) results.Arm {
		trial := &results.Trial{}
		for i, n := range flying {
			trial.Queue = append(trial.Queue, results.Queued{Opened: float64(i), Closed: float64(i + 1), Flying: n, Age: float64(n) / 2, Oldest: n})
		}
		return results.Arm{Name: name, Trials: []*results.Trial{trial}}
	}
	f, err := queueFigure(results.Summary{Arms: []results.Arm{arm("sync", 0, 0, 0)}})
	if err != nil || len(f.Plots) > 0 {
		t.Errorf("%d plots where nobody waited, %v", len(f.Plots), err)
	}
	f, err = queueFigure(results.Summary{Arms: []results.Arm{arm("sync", 0, 0, 0), arm("flying", 0, 4, 2)}})
	if err != nil || len(f.Plots) != 2 || !strings.Contains(string(f.Plots[0]), "leases of earlier rounds") || !strings.Contains(string(f.Plots[1]), "age of reports") {
		t.Errorf("plots %v, %v", f.Plots, err)
	}
	c := queueCurves(results.Summary{Arms: []results.Arm{arm("flying", 0, 4, 2)}}, func(q results.Queued) point { return point{X: q.Opened, Y: float64(q.Flying)} })
	if p := c[0].Points; len(p) != 3 || p[1].X != 1 || p[1].Y != 4 {
		t.Errorf("points %v", p)
	}
}
