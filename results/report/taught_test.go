package report

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// What a router did is shown beside the matrix of scores, and its course task by task.
func TestTaughtIsShown(t *testing.T) {
	v := func(name, group string, x float64) ledger.Value {
		return ledger.Value{Name: name, Group: group, Value: ledger.Number(x), Weight: 10}
	}
	scores := func(a, b float64) []ledger.Value {
		return []ledger.Value{v("accuracy", "", (a+b)/2), v("accuracy", "task=one", a), v("accuracy", "task=two", b), v("route.oracle", "", 0.8), v("route.oracle", "task=one", 0.8), v("route.oracle", "task=two", 0.8)}
	}
	x := &results.Trial{End: ledger.End{Rounds: 2}, Evaluations: []ledger.Evaluate{
		{Round: 1, At: "stage-end", On: "test", Task: "one", Values: scores(0.8, 0.1)},
		{Round: 2, At: "stage-end", On: "test", Task: "two", Values: append(scores(0.5, 0.8), v("route.confusion", "", 0.25), v("route.confusion", "task=one,expert=", 0.25), v("route.confusion", "task=one,expert=two", 0.75))},
	}}
	r := &results.Run{Trials: []*results.Trial{x}}
	s := r.Summarise()
	taught := taughtOf(s)
	if taught == nil || len(taught.Kinds) != 3 || !taught.Kinds[0].Open || taught.Kinds[2].Open {
		t.Fatalf("%+v", taught)
	}
	last := taught.Kinds[2].Matrices[0]
	if !strings.Contains(taught.Kinds[2].Title, "experts") || last.Heads[len(last.Heads)-1] != "nobody" || last.Rows[0].Cells[0].Text != "0.75" || last.Rows[0].Cells[0].Deep != 75 {
		t.Errorf("%+v", last)
	}
	figures, err := taughtFigures(s)
	if err != nil || len(figures) != 2 || len(figures[0].Plots) != 3 || len(figures[1].Plots) != 2 {
		t.Fatalf("%d figures, %v", len(figures), err)
	}
	for i, want := range []string{"mean over tasks so far", "forgetting so far", "routing gap"} {
		if !strings.Contains(string(figures[0].Plots[i]), want) {
			t.Errorf("plot %d says nothing of %q", i, want)
		}
	}
}
