package results

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
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
	came := trial.arrivals(&scenario.Scenario{Stages: stages})
	want := []Arrived{{"tasks/a", 0, 0, 0}, {"tasks/b", 10, 25, 1}, {"tasks/c", 20, 30, 1}, {"tasks/d", 30, 35, 0}, {"rest", 50, 50, 0}}
	if !slices.Equal(came, want) {
		t.Errorf("arrivals %v, expected %v", came, want)
	}
	if w := want[1].Waited(); w != 15 {
		t.Errorf("it waited %g s", w)
	}
	came = trial.arrivals(&scenario.Scenario{Stages: []scenario.Stage{{Name: "tasks", Per: "task"}, {Name: "rest"}}})
	if came != nil {
		t.Errorf("arrivals %v where no stage says when it comes", came)
	}
}

// A run finds the scenario of a trial by its ID, whichever of its trials have ended; one that does
// not read says nothing.
func TestArrivalsOfARun(t *testing.T) {
	timed := []byte(strings.Replace(simtest.Stream, "per: task, show", "name: tasks, per: task, at: {every: 10 s}, show", 1))
	if bytes.Equal(timed, []byte(simtest.Stream)) {
		t.Fatal("no stage was given a time")
	}
	r := &Run{Plan: Plan{Trials: []PlanTrial{{ID: "odd"}, {ID: "without"}, {ID: "running"}, {ID: "timed"}}}}
	r.Resolved = ResolvedText(r.Plan, [][]byte{[]byte("no: scenario\n"), []byte(simtest.Stream), timed, timed})
	for _, id := range []string{"odd", "without", "timed"} {
		r.Trials = append(r.Trials, &Trial{ID: id, begun: []begun{{"tasks/sea", 0}, {"tasks/town", 25}}})
	}
	came := r.Arrivals()
	if len(came) != 1 || len(came["timed"]) != 2 || came["timed"][1].Waited() != 15 {
		t.Errorf("arrivals %v, expected those of the one trial that has ended and has times", came)
	}
}
