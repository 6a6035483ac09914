package results

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/sim/ledger"
)

// The queue of a round is what flew when it opened and how old what it took was; a round begins
// with nothing of the one before.
func TestQueues(t *testing.T) {
	trial := &Trial{Work: map[string]Work{}}
	for _, is := range []any{
		ledger.Plan{Now: 0}, ledger.Report{From: "client/1"}, ledger.Fold{Now: 5},
		ledger.Plan{Now: 6, Flying: 3}, ledger.Report{From: "client/2", Age: 1}, ledger.Report{From: "client/0", Age: 4}, ledger.Fold{Now: 9},
		ledger.Plan{Now: 9, Flying: 2}, ledger.Fold{Now: 10},
	} {
		trial.take(ledger.Line{Is: is})
	}
	want := []Queued{{Closed: 5}, {Opened: 6, Closed: 9, Flying: 3, Age: 2.5, Oldest: 4}, {Opened: 9, Closed: 10, Flying: 2}}
	if !slices.Equal(trial.Queue, want) {
		t.Errorf("queues %v, expected %v", trial.Queue, want)
	}
	if trial.Queue[0].Waited() || !trial.Queue[1].Waited() {
		t.Error("the first round found nothing out, the second did")
	}
}
