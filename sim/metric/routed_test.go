package metric

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// Shares of a task's decisions add up to 1, however the sums were joined.
func TestConfusion(t *testing.T) {
	var all, part Sum
	all.AddRouted(Routed{Task: "b", First: []Cell{{"a", 1}, {"b", 3}, {"", 0}}, Decisions: 4, Right: 3})
	part.AddRouted(Routed{Task: "a", First: []Cell{{"a", 2}, {"b", 0}, {"", 2}}, Decisions: 4, Right: 2})
	part.AddRouted(Routed{Task: "b", First: []Cell{{"a", 3}, {"b", 1}, {"", 0}}, Decisions: 4, Right: 1})
	all.Join(part)
	want := []method.Value{
		{Name: RouteConfusion, Group: "task=a,expert=", Value: 0.5, Weight: 4}, {Name: RouteConfusion, Group: "task=a,expert=a", Value: 0.5, Weight: 4}, {Name: RouteConfusion, Group: "task=a,expert=b", Weight: 4},
		{Name: RouteConfusion, Group: "task=b,expert=", Weight: 8}, {Name: RouteConfusion, Group: "task=b,expert=a", Value: 0.5, Weight: 8}, {Name: RouteConfusion, Group: "task=b,expert=b", Value: 0.5, Weight: 8},
	}
	got := all.Confusion()
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v; want %+v", got[i], want[i])
		}
	}
	if v, w, err := all.Value(RouteConfusion); v != 0.5 || w != 12 || err != nil {
		t.Errorf("overall %g of %g, %v", v, w, err)
	}
}

// A gap is the score with the expert told minus the score as it is, group by group; what was
// measured for the gap alone is not told of.
func TestTold(t *testing.T) {
	plain, told := Untold([]string{Loss, RouteGap, RouteOracle})
	if len(plain) != 2 || plain[0] != Loss || plain[1] != Accuracy || len(told) != 1 || told[0] != Accuracy {
		t.Fatalf("asked %q as it is and %q with the expert told", plain, told)
	}
	if plain, told = Untold([]string{Loss}); len(plain) != 1 || told != nil {
		t.Fatalf("asked %q and %q", plain, told)
	}
	asIs := []method.Value{{Name: Loss, Value: 2, Weight: 9}, {Name: Accuracy, Value: 0.25, Weight: 9}, {Name: Accuracy, Group: "task=a", Value: 0.5, Weight: 3}}
	with := []method.Value{{Name: Accuracy, Value: 0.5, Weight: 9}, {Name: Accuracy, Group: "task=a", Value: 0.5, Weight: 3}}
	got := Told([]string{Loss, RouteGap, RouteOracle}, asIs, with)
	want := []method.Value{{Name: Loss, Value: 2, Weight: 9}, {Name: RouteGap, Value: 0.25, Weight: 9}, {Name: RouteGap, Group: "task=a", Weight: 3},
		{Name: RouteOracle, Value: 0.5, Weight: 9}, {Name: RouteOracle, Group: "task=a", Value: 0.5, Weight: 3}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v; want %+v", got[i], want[i])
		}
	}
}

// After the first tasks, numbers are those of a shorter sequence.
func TestUntil(t *testing.T) {
	all := Tasks{R: [][]float64{{0.9, 0.1, 0}, {0.5, 0.8, 0.2}, {0.4, 0.6, 0.7}}}
	two := all.Until(2)
	if got := two.Forgetting(BeforeLast); math.Abs(got-0.4) > 1e-15 || len(two.R[0]) != 2 {
		t.Errorf("forgetting %g after two tasks", got)
	}
}
