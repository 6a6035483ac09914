package results

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Tasks come every 10 s and take 25, 5 and 5: by hand, the second waits 15 s while the third has
// come too, and the fourth waits for nobody.
func TestArrivals(t *testing.T) {
	trial := &Trial{Work: map[string]Work{}}
	for _, p := range []ledger.Plan{
		{Stage: "tasks/a", Now: 0}, {Stage: "tasks/a", Now: 12}, {Stage: "tasks/b", Now: 25}, {Stage: "tasks/c", Now: 30}, {Stage: "tasks/d", Now: 35}, {Stage: "rest", Now: 50},
	} {
		trial.take(ledger.Line{Is: p})
	}
	stages := []scenario.Stage{{Name: "tasks", Per: "task", At: scenario.Arrival{EverySec: 10}}, {Name: "rest", At: scenario.Arrival{Sec: 50}}}
	trial.arrive(&scenario.Scenario{Stages: stages})
	want := []Arrived{{"tasks/a", 0, 0, 0}, {"tasks/b", 10, 25, 1}, {"tasks/c", 20, 30, 1}, {"tasks/d", 30, 35, 0}, {"rest", 50, 50, 0}}
	if !slices.Equal(trial.Arrivals, want) {
		t.Errorf("arrivals %v, expected %v", trial.Arrivals, want)
	}
	if w := want[1].Waited(); w != 15 {
		t.Errorf("it waited %g s", w)
	}
	trial.Arrivals = nil
	trial.arrive(&scenario.Scenario{Stages: []scenario.Stage{{Name: "tasks", Per: "task"}, {Name: "rest"}}})
	if trial.Arrivals != nil {
		t.Errorf("arrivals %v where no stage says when it comes", trial.Arrivals)
	}
}
