package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// sequelOf folds, and gives what a plan that follows is asked with.
func sequelOf(t *testing.T, m method.Method, w world) (method.Sequel, method.PlanRequest) {
	t.Helper()
	out, s, err := m.(method.MethodWithSequel).FoldWithSequel(t.Context(), w.fold, w.plan)
	if err != nil || s == nil {
		t.Fatal(s, err)
	}
	next := w.plan
	next.State = out.State
	return s, next
}

// A plan that was told of is made once, not once ahead and once when it is asked for; what it puts
// while nobody waits is there, and what it opens is what it put.
func TestASequelIsThoughtOnce(t *testing.T) {
	for _, change := range []func(*remote.Options){func(*remote.Options) {}, inline} {
		w := newWorld(t, 3)
		m := open(t, "quiet-puts", change).Methods()[0]
		s, next := sequelOf(t, m, w)
		for _, count := range []string{"1", "2"} {
			plan, err := s.Plan(t.Context(), next)
			if err != nil || string(plan.State.Bytes) != count {
				t.Fatalf("%s plans were made, expected %s: %v", plan.State.Bytes, count, err)
			}
			for _, b := range plan.State.Holds {
				if !w.store.Has(b) {
					t.Fatalf("blob %s is not here", b)
				}
			}
			if s, next = sequelOf(t, m, w); count == "2" {
				s.Drop()
			}
		}
	}
}

// Faults while a plan is thought ahead are those of a plan, told when it is asked for.
func TestFaultsOfSequels(t *testing.T) {
	for mode, says := range map[string]string{"quiet-panic": "it panicked: on purpose", "quiet-crash": "crashed 4 times", "quiet-hang": "no answer within"} {
		t.Run(mode, func(t *testing.T) {
			p := open(t, mode, func(o *remote.Options) {
				if mode == "quiet-hang" {
					o.CallTimeout = 2 * time.Second
				}
			})
			s, next := sequelOf(t, p.Methods()[0], newWorld(t, 3))
			_, err := s.Plan(t.Context(), next)
			expect(t, err, "plan", says)
			if mode == "quiet-crash" && p.Restarts() != 3 {
				t.Errorf("it was started again %d times for 4 crashes", p.Restarts())
			}
		})
	}
}

// Who loses patience with a plan that is thought about ends it and nothing else.
func TestASequelIsCancelled(t *testing.T) {
	p := open(t, "quiet-hang")
	s, next := sequelOf(t, p.Methods()[0], newWorld(t, 3))
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user lost patience")
	cancel(why)
	if _, err := s.Plan(ctx, next); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
	s, _ = sequelOf(t, p.Methods()[0], newWorld(t, 3))
	s.Drop()
	if p.Restarts() != 0 {
		t.Errorf("the process was started again %d times", p.Restarts())
	}
}

// A failure of the host ends the call that it met, and no other: the next is asked on a stream that is
// in step.
func TestAFailureOfTheHostEndsOneCall(t *testing.T) {
	broken := errors.New("the disk is gone")
	for _, withSequel := range []bool{false, true} {
		w := newWorld(t, 3)
		m := open(t, "quiet").Methods()[0]
		bad := w.fold
		bad.Reports = failing{broken}
		var err error
		if withSequel {
			_, _, err = m.(method.MethodWithSequel).FoldWithSequel(t.Context(), bad, w.plan)
		} else {
			_, err = m.Fold(t.Context(), bad)
		}
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		for range 2 {
			if _, err := m.Plan(t.Context(), w.plan); err != nil {
				t.Errorf("with a sequel %v: the call after it fails: %v", withSequel, err)
			}
		}
	}
}
