package results_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// inTurn is a trial of two tasks with so many reports a round, whose router is right so often;
// nothing stands behind that where it has none.
func inTurn(arm string, routed float64, reports int) *results.Trial {
	weight := 10.0
	if routed < 0 {
		routed, weight = 0, 0
	}
	v := func(name, group string, x, weight float64) ledger.Value {
		return ledger.Value{Name: name, Group: group, Value: ledger.Number(x), Weight: weight}
	}
	scores := []ledger.Value{v("accuracy", "", 0.5, 10), v("accuracy", "task=one", 0.5, 10), v("accuracy", "task=two", 0.5, 10), v("route.accuracy", "", routed, weight)}
	return &results.Trial{Head: ledger.Trial{Arm: arm, Seed: 1}, End: ledger.End{Rounds: 2},
		Folds: []ledger.Fold{{Round: 0, Reports: 1}, {Round: 1, Reports: reports, Values: []ledger.Value{v(results.AggErrorRel, "", 0.9, 1), v(results.Drift, "", 0, 1)}}},
		Evaluations: []ledger.Evaluate{
			{At: "start", On: "test", Values: []ledger.Value{v("accuracy", "", 0.1, 10), v("route.accuracy", "", 0, 0)}},
			{Round: 1, At: "stage-end", On: "test", Task: "one", Values: scores},
			{Round: 2, At: "stage-end", On: "test", Task: "two", Values: scores},
		}}
}

// What a router did is no number of a model without one, even if that stands first, and no
// difference is taken from it; and where every round has one report, nothing was aggregated.
func TestArmsWithoutARouter(t *testing.T) {
	r := &results.Run{Trials: []*results.Trial{inTurn("sequential", -1, 1), inTurn("routing", 0.75, 1)}}
	s := r.Summarise()
	table := s.Table()
	k := slices.Index(table.Heads, "test.route.accuracy")
	if k < 0 || table.Rows[0][k] != "–" || !strings.HasPrefix(table.Rows[1][k], "0.75") {
		t.Errorf("heads %q, rows %q", table.Heads, table.Rows)
	}
	if !s.Alone || slices.ContainsFunc(table.Heads, func(h string) bool { return h == "relative" || h == "drift" }) {
		t.Errorf("alone is %v, heads %q: no two ever reported", s.Alone, table.Heads)
	}
	if _, told := s.Arms[0].Column(results.Drift); told || s.Tells(results.AggError) || !s.Tells(results.RankEffective) {
		t.Error("how far clients went apart is told where no two reported")
	}
	c := compare(t, r, results.Ask{})
	if slices.ContainsFunc(c.Rows, func(x results.Compared) bool { return x.Score.Name == "test.route.accuracy" }) {
		t.Error("a difference was taken from a number that is none")
	}

	s = (&results.Run{Trials: []*results.Trial{inTurn("cohort", 0.75, 2)}}).Summarise()
	if heads := s.Table().Heads; s.Alone || !slices.Contains(heads, "relative") {
		t.Errorf("alone is %v, heads %q: two reported in a round", s.Alone, heads)
	}
}
