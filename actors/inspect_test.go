package actors

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
)

// A thousand looks from beside change nothing, and show a participant at work with its
// steps rising.
func TestInspectionsAreNotNoticed(t *testing.T) {
	s, lines := setup(t, "6")
	c, err := Open(Options{Slots: 2, pace: patient(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var looks atomic.Int32
	c.options.faults.sabotage = func(whom method.ID, assignment string, step int) {
		if whom.Pool != "client" {
			return
		}
		for range 20 { // from within the slot, so that the participant is surely at work
			looks.Add(1)
			st, err := c.Inspect(limited(t), whom)
			if err != nil || st.State != Working || st.Step != step || st.Steps < 4 || st.Verb != "fit" || st.Assignment != assignment || st.Participant != whom.String() {
				t.Errorf("%s at step %d: %+v, %v", whom, step, st, err)
			}
		}
	}
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
	if lines.String() != reference(t, "6") {
		t.Error("the ledger differs from that of sim.Run")
	}
	if looks.Load() < 1000 {
		t.Errorf("%d looks", looks.Load())
	}
}

// The dormant are answered for and not woken; for those that are not, there is an error.
func TestInspectWakesNobody(t *testing.T) {
	s, _ := setup(t, "32")
	c, err := Open(Options{Slots: 1, Warm: 2, pace: patient(200 * time.Millisecond)}) // so long it takes to hear of a dormant one
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Inspect(t.Context(), third); err == nil {
		t.Error("an answer, and no trial runs")
	}
	folds := 0
	s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
		folds++
		for i, want := range map[int]State{0: Dormant, 31: Idle} {
			st, err := c.Inspect(ctx, method.ID{Pool: "client", Index: i})
			for want == Idle && err == nil && st.State == Dormant { // it had no turn within that time
				st, err = c.Inspect(ctx, method.ID{Pool: "client", Index: i})
			}
			if err != nil || st.State != want || st.Wakes != folds || st.Round != folds-1 {
				t.Errorf("client/%d in fold %d: %+v, %v", i, folds, st, err)
			}
		}
		for _, whom := range []method.ID{{Pool: "client", Index: 32}, {Pool: "nobody", Index: 0}} {
			if _, err := c.Inspect(ctx, whom); err == nil || !strings.Contains(err.Error(), whom.String()) {
				t.Errorf("%s: %v", whom, err)
			}
		}
		return nil
	}}
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
	if folds != 2 {
		t.Errorf("%d folds", folds)
	}
}

func TestCrewRunsTrialAfterTrial(t *testing.T) {
	c, err := Open(Options{Slots: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	want := reference(t, "3")
	for range 3 {
		s, lines := setup(t, "3")
		if err := c.Run(limited(t), s); err != nil {
			t.Fatal(err)
		}
		if lines.String() != want {
			t.Error("the ledger differs from that of sim.Run")
		}
	}
	s, _ := setup(t, "3")
	s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
		other, _ := setup(t, "3")
		if err := c.Run(ctx, other); err == nil {
			t.Error("two trials at once")
		}
		return nil
	}}
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
}
