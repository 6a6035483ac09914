package results

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/sim/ledger"
)

// routedTrial learned two tasks: experts keep what they know, and the router loses half of the
// first.
func routedTrial() *Trial {
	row := func(task string, round int, values ...ledger.Value) ledger.Evaluate {
		return ledger.Evaluate{Round: round, At: "stage-end", On: "test", Task: task, Values: values}
	}
	v := func(name, group string, x float64) ledger.Value {
		return ledger.Value{Name: name, Group: group, Value: ledger.Number(x), Weight: 10}
	}
	const first, second = "task=one", "task=two"
	return &Trial{End: ledger.End{Rounds: 2}, Evaluations: []ledger.Evaluate{
		row("one", 1, v("accuracy", "", 0.5), v("accuracy", first, 0.8), v("accuracy", second, 0.2), v("route.oracle", "", 0.5), v("route.oracle", first, 0.8), v("route.oracle", second, 0.2)),
		row("two", 2, v("accuracy", "", 0.5), v("accuracy", first, 0.4), v("accuracy", second, 0.6), v("route.oracle", "", 0.75), v("route.oracle", first, 0.8), v("route.oracle", second, 0.7),
			v("route.confusion", "", 0.4), v("route.confusion", first, 0.5), v("route.confusion", "task=one,expert=", 0.1), v("route.confusion", "task=one,expert=two", 0.4), v("route.confusion", "task=one,expert=one", 0.5),
			v("route.confusion", "task=two,expert=two", 1)),
	}}
}

// Forgetting falls into what experts and what the router forgot.
func TestForgettingFallsIntoTwo(t *testing.T) {
	x := routedTrial()
	for name, want := range map[string]float64{"test.accuracy.forgetting": 0.4, "test.accuracy.forgetting.expert": 0, "test.accuracy.forgetting.routing": 0.4, "test.route.oracle.forgetting": 0} {
		if got, ok := x.Measure(name); !ok || math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %g (%v); want %g", name, got, ok, want)
		}
	}
	if _, ok := x.Measure("test.route.oracle.forgetting.expert"); ok {
		t.Error("what is told already was told once more")
	}
}

// A table of experts stands in the order of learning, nobody last.
func TestConfusions(t *testing.T) {
	all := routedTrial().Confusions()
	if len(all) != 1 {
		t.Fatalf("%+v", all)
	}
	c := all[0]
	if c.On != "test" || len(c.Tasks) != 2 || c.Tasks[0] != "one" || len(c.Experts) != 3 || c.Experts[0] != "one" || c.Experts[2] != "" {
		t.Fatalf("%+v", c)
	}
	for i, want := range [][]float64{{0.5, 0.4, 0.1}, {0, 1, 0}} {
		for j, w := range want {
			if math.Abs(c.Share[i][j]-w) > 1e-12 {
				t.Errorf("row %d: %v; want %v", i, c.Share[i], want)
			}
		}
	}
}
