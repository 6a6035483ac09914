package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

// A method behind a gate stands still where that says, until it is let go or is not wanted any more, and
// answers as it would have.
func TestAGateHoldsAMethodUp(t *testing.T) {
	gate, w := remotetest.Gate(t.TempDir()), newWorld(t, 2)
	m := gate.Around([]method.Method{remotetest.Toy{}})[0]
	want, err := round(t.Context(), remotetest.Toy{}, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gate.Hold("fold", w.plan.Round+1), gate.Hold("fold", w.plan.Round)); err != nil { // the first is of another round
		t.Fatal(err)
	}
	over := make(chan string)
	go func() {
		got, err := round(t.Context(), m, w)
		if err != nil {
			t.Error(err)
		}
		over <- got
	}()
	for !gate.Held("fold", w.plan.Round) {
		select {
		case got := <-over:
			t.Fatalf("nothing held it up: %s", got)
		case <-time.After(time.Millisecond):
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Fold(ctx, w.fold); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits for a fold that is held up: %v", err)
	}
	if err := gate.Release("fold", w.plan.Round); err != nil {
		t.Fatal(err)
	}
	if got := <-over; got != want {
		t.Errorf("behind a gate:\n%s\nwithout:\n%s", got, want)
	}
	if err := gate.Hold("folly", 1); err == nil {
		t.Error("a method was held up in what it is never asked")
	}
}
