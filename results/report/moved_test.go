package report

import (
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// How far clients went apart is shown where two reported in a round, and not where tasks came one
// after the other; how many directions a round's change has is shown of both.
func TestDriftIsOfClients(t *testing.T) {
	v := func(name string, x float64) ledger.Value { return ledger.Value{Name: name, Value: ledger.Number(x)} }
	trial := &results.Trial{Folds: []ledger.Fold{{Values: []ledger.Value{v(results.Drift, 0.5), v(results.AggErrorRel, 0.1), v(results.RankEffective, 3)}}}}
	for _, c := range []struct {
		alone bool
		drift string
		plots int
	}{{false, "0.5000", 2}, {true, "–", 1}} {
		s := results.Summary{Arms: []results.Arm{{Name: "arm", Trials: []*results.Trial{trial}}}, Alone: c.alone}
		f, err := movedFigure(s)
		if err != nil || len(f.Plots) != c.plots {
			t.Errorf("alone is %v: %d plots, expected %d, %v", c.alone, len(f.Plots), c.plots, err)
		}
		if rows := movedOf(s); len(rows) != 1 || rows[0].Drift != c.drift || rows[0].Effective != "3" {
			t.Errorf("alone is %v: rows %+v, expected a drift of %s", c.alone, rows, c.drift)
		}
		if l := lostOf(s); (l == nil) != c.alone {
			t.Errorf("alone is %v: aggregation errors %v", c.alone, l)
		}
	}
}
