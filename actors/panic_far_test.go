package actors

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
)

// roads are the ways by which a worker of another process comes by blobs.
func roads(t *testing.T) map[string]Options {
	return map[string]Options{"mapped": {Spool: filepath.Join(t.TempDir(), "spool")}, "far": {}}
}

// What panics at a worker elsewhere is restarted there, and whoever looks is told so; what panics there
// twice is done by another. Nobody but the curious and the counter knows of it.
func TestPanicsElsewhere(t *testing.T) {
	for name, o := range roads(t) {
		for _, c := range []struct {
			panics   int32
			restarts int // that the one who did it in the end tells of
		}{{1, 1}, {2, 0}} {
			t.Run(fmt.Sprint(name, " ", c.panics), func(t *testing.T) {
				o := o
				crew, _ := crewWith(t, &o)
				fails := panicking(c.panics, third, 2)
				hands(t, crew.Address(), 2, func(w *WorkOptions) {
					w.faults.sabotage = func(whom method.ID, assignment string, step int) {
						if whom == third {
							here(t, crew, 2) // else nobody else could have it
						}
						fails(whom, assignment, step)
					}
				})
				s, lines := setup(t, "6")
				seen, failures := []Status{}, 0
				s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
					st, err := crew.Inspect(ctx, third)
					if len(seen) == 0 { // in the second round another may have it
						seen = append(seen, st)
					}
					return err
				}}
				s.Watch = func(p sim.Progress) { failures = p.Failures }
				if err := crew.Run(limited(t), s); err != nil {
					t.Fatal(err)
				}
				if lines.String() != reference(t, "6") {
					t.Error("the ledger differs from that of sim.Run")
				}
				if st := seen[0]; st.Restarts != c.restarts || st.State != Idle || !strings.HasPrefix(st.Worker, "w") {
					t.Errorf("after %d panics client/3 is %+v", c.panics, st)
				}
				if failures != 1 {
					t.Errorf("%d panics make %d failures, not 1", c.panics, failures)
				}
			})
		}
	}
}

// here waits until so many workers take part.
func here(t *testing.T, crew *Crew, want int) {
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(time.Millisecond) {
		n := 0
		for _, w := range crew.stats().(CoordinatorStats).Workers {
			if w.Here {
				n++
			}
		}
		if n == want {
			return
		}
	}
	t.Errorf("%d workers have not come within a minute", want)
}

// The third ends the trial, and is told as if it had happened here, with who, what and its seed.
func TestThreePanicsElsewhereEndTheTrial(t *testing.T) {
	for name, o := range roads(t) {
		t.Run(name, func(t *testing.T) {
			o := o
			crew, _ := crewWith(t, &o)
			fails := panicking(3, third, 1)
			hands(t, crew.Address(), 2, func(w *WorkOptions) { w.faults.sabotage = fails })
			s, _ := setup(t, "6")
			err := crew.Run(limited(t), s)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range []string{"client/3", `assignment "fit"`, "seed 1", "sabotage"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not name %s: %v", want, err)
				}
			}
		})
	}
}
