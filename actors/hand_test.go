package actors

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
)

// stock is what the small scenario's worlds are made of.
func stock() *Stock { return NewStock(noFiles{}, memory) }

// hands starts workers for a crew, and ends them with the test.
func hands(t *testing.T, a mesh.Address, n int, change func(*WorkOptions)) {
	t.Helper()
	ctx, stop := context.WithCancelCause(context.Background())
	over := errors.New("the test is over")
	var all sync.WaitGroup
	for i := range n {
		o := WorkOptions{Broker: a, Name: fmt.Sprintf("w%d", i+1), Slots: 1, Files: noFiles{}, Cache: memory}
		if change != nil {
			change(&o)
		}
		all.Go(func() {
			if err := Work(ctx, o); !errors.Is(err, over) {
				t.Errorf("%s: %v", o.Name, err)
			}
		})
	}
	t.Cleanup(func() {
		stop(over)
		all.Wait()
	})
}

// together runs the small scenario with workers that come over a port.
func together(t *testing.T, clients string, o Options, n int, change func(*WorkOptions)) sim.Progress {
	t.Helper()
	o.Listen, o.Stock = true, stock()
	c, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	hands(t, c.Address(), n, change)
	s, lines := setup(t, clients)
	var last sim.Progress
	s.Watch = func(p sim.Progress) { last = p }
	if err := c.Run(limited(t), s); err != nil {
		t.Fatal(err)
	}
	if got, want := lines.String(), reference(t, clients); got != want {
		t.Errorf("the ledger differs from that of sim.Run; its length is %d, not %d", len(got), len(want))
	}
	return last
}

func TestOneLedgerByWorkersOnThisHost(t *testing.T) {
	together(t, "12", Options{Spool: filepath.Join(t.TempDir(), "spool")}, 2, nil)
}

// Without a folder to share, workers are on other hosts for all they know.
func TestOneLedgerByWorkersElsewhere(t *testing.T) {
	together(t, "12", Options{}, 2, func(o *WorkOptions) { o.Files = nil; o.Cache = &cache{saved: map[string][]byte{}} })
}

// Workers here and elsewhere share a trial.
func TestOneLedgerByWorkersOfAllKinds(t *testing.T) {
	together(t, "12", Options{Slots: 1, Spool: filepath.Join(t.TempDir(), "spool")}, 1, nil)
}

// A worker whose reports and beats are held up is done without, and both it and another do
// the same work: one report of each counts.
func TestOneLedgerAfterAPartition(t *testing.T) {
	quick := usualPace
	quick.tick, quick.lost, quick.answer = 20*time.Millisecond, 100*time.Millisecond, 200*time.Millisecond
	p := together(t, "12", Options{Spool: filepath.Join(t.TempDir(), "spool"), pace: quick}, 2, func(o *WorkOptions) {
		o.pace = quick
		if o.Name == "w1" {
			o.faults.weather = func(subject string) []time.Duration {
				switch {
				case strings.HasSuffix(subject, ".report"):
					return []time.Duration{400 * time.Millisecond, 700 * time.Millisecond}
				case strings.HasSuffix(subject, ".beat"):
					return nil
				}
				return mesh.Fair(subject)
			}
		}
	})
	if p.ClientRuns != 24 {
		t.Errorf("%d client-runs were counted, not 24", p.ClientRuns)
	}
}

// Messages late, doubled, lost and in any order cost time only, between processes too.
func TestOneLedgerByWorkersInAnyWeather(t *testing.T) {
	quick := usualPace
	quick.tick, quick.answer, quick.lost = 10*time.Millisecond, 60*time.Millisecond, 200*time.Millisecond
	stormy := func(seed int) mesh.Weather {
		fate := weather(10, 20)
		var n atomic.Int64
		return func(subject string) []time.Duration {
			all := fate(subject)
			for i := range all {
				if k := n.Add(1); (int(k)*7+seed)%3 == 0 {
					all[i] = time.Duration(int(k)*13%40) * time.Millisecond
				}
			}
			return all
		}
	}
	for name, spool := range map[string]string{"mapped": filepath.Join(t.TempDir(), "spool"), "far": ""} {
		t.Run(name, func(t *testing.T) {
			together(t, "12", Options{Spool: spool, pace: quick, faults: faults{weather: stormy(1)}}, 2, func(o *WorkOptions) {
				o.pace, o.faults.weather = quick, stormy(2)
			})
		})
	}
}

// A worker whose disk is full says so, and the run knows that it was not the work.
func TestAWorkersGroundGivesWay(t *testing.T) {
	spool := filepath.Join(t.TempDir(), "spool")
	c, err := Open(Options{Spool: spool, Listen: true, Stock: stock()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	hands(t, c.Address(), 1, nil)
	s, _ := setup(t, "3")
	planned := make(chan struct{})
	s.Watch = func(p sim.Progress) {
		if p.What == "plan" {
			select {
			case <-planned:
			default:
				close(planned)
				if err := os.RemoveAll(spool); err != nil {
					t.Error(err)
				}
			}
		}
	}
	if err := c.Run(limited(t), s); !errors.Is(err, ErrGround) {
		t.Errorf("%v; %v was expected", err, ErrGround)
	}
}

// A worker that begins anew under its name, after a kill or because it believed the trial over
// while its machine slept, is lent to like any other: its first pull is not taken for a late one.
func TestOneLedgerByAWorkerThatBeginsAnew(t *testing.T) {
	slow := usualPace
	slow.answer = 20 * time.Second // so long a pull that is not answered is not repeated
	c, err := Open(Options{Listen: true, Stock: stock(), pace: slow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	over := errors.New("the worker is killed")
	var all sync.WaitGroup
	begin := func() context.CancelCauseFunc {
		ctx, stop := context.WithCancelCause(context.Background())
		all.Go(func() {
			if err := Work(ctx, WorkOptions{Broker: c.Address(), Name: "same", Slots: 1, Files: noFiles{}, Cache: memory, pace: slow}); !errors.Is(err, over) {
				t.Error(err)
			}
		})
		return stop
	}
	stop := begin()
	s, lines := setup(t, "12", "method.0.rounds=4")
	folds := 0
	s.Methods[0] = evil{s.Methods[0], func(context.Context) error {
		if folds++; folds == 2 {
			stop(over)
			all.Wait()
			stop = begin()
		}
		return nil
	}}
	if err := c.Run(limited(t), s); err != nil {
		t.Error(err)
	}
	stop(over)
	all.Wait()
	if lines.String() != reference(t, "12", "method.0.rounds=4") {
		t.Error("the ledger differs from that of sim.Run")
	}
}

// A worker that is asked to go says so: what it was lent is lent again at once, however long one
// waits for those who fall silent. The other does it all.
func TestOneLedgerByAWorkerThatLeaves(t *testing.T) {
	slow := usualPace
	slow.answer, slow.lost, slow.lease = 5*time.Minute, 5*time.Minute, 5*time.Minute
	c, err := Open(Options{Listen: true, Stock: stock(), pace: slow})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	home := errors.New("it is sent home")
	ctx, leave := context.WithCancelCause(context.Background())
	worker := func(name string, o WorkOptions) {
		o.Broker, o.Name, o.Slots, o.Files, o.Cache, o.pace = c.Address(), name, 1, noFiles{}, memory, slow
		if err := Work(ctx, o); !errors.Is(err, home) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		o := WorkOptions{}
		o.faults.sabotage = func(method.ID, string, int) { leave(home) } // in the middle of its first lease
		worker("first", o)
		hands(t, c.Address(), 1, func(o *WorkOptions) { o.pace = slow })
	})
	s, lines := setup(t, "12")
	if err := c.Run(limited(t), s); err != nil {
		t.Error(err)
	}
	all.Wait()
	if lines.String() != reference(t, "12") {
		t.Error("the ledger differs from that of sim.Run")
	}
}
