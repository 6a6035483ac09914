package actors

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// A free worker goes where work waits, then to whom has the fewest, then to whom it has left the
// longest ago; to none that it refused, or that called too long ago.
func TestWhomAFreeWorkerWorksFor(t *testing.T) {
	c := newCallers(usualPace)
	hear := func(run string, hands, waiting int) { c.hear(mesh.Calling{Run: run, Hands: hands, Waiting: waiting}) }
	want := func(run string) {
		t.Helper()
		if got := c.next(""); got != run {
			t.Errorf("%q; %q was expected", got, run)
		}
	}
	want("")
	hear("idle-1", 0, 0)
	want("idle-1")
	hear("many-1", 5, 9)
	want("many-1")
	hear("few-1", 2, 1)
	want("few-1")
	hear("many-1", 2, 3)
	c.leave("few-1", false)
	hear("few-2", 2, 1)
	want("many-1")
	if got := c.next("few"); got != "few-2" {
		t.Errorf("of the run few it works for %q", got)
	}
	c.leave("many-1", true)
	hear("many-1", 0, 9)
	want("few-2")
	c.now["few-2"] = caller{c.now["few-2"].Calling, time.Now().Add(-2 * usualPace.call)}
	want("idle-1")
}

// Workers move until all runs have as many, to within one, and where there are more runs than workers
// they take turns; nobody moves before its turn is over, or to where nothing waits.
func TestWhoMovesToAnotherRun(t *testing.T) {
	share := func(here int, to mesh.Calling) float64 {
		const n = 2000
		went := 0
		for range n {
			c := newCallers(usualPace)
			c.hear(mesh.Calling{Run: "a-1", Hands: here})
			c.arrive("a-1", 0)
			c.since = c.since.Add(-time.Hour)
			if c.moves("a-1", to) {
				went++
			} else if c.moves("a-1", to) {
				t.Fatal("it has just been asked")
			}
		}
		return float64(went) / n
	}
	for _, x := range []struct {
		here, there, waiting int
		want                 float64
	}{{1, 0, 1, 1}, {1, 1, 1, 0}, {2, 1, 1, 0}, {2, 0, 1, 0.5}, {10, 0, 9, 0.5}, {10, 4, 9, 0.3}, {3, 5, 9, 0}, {1, 0, 0, 0}} {
		if got := share(x.here, mesh.Calling{Run: "b-1", Hands: x.there, Waiting: x.waiting}); got < x.want-0.1 || got > x.want+0.1 {
			t.Errorf("of %d workers of a run %.2f go to one that has %d, and for whom %d leases wait; %.2f were expected", x.here, got, x.there, x.waiting, x.want)
		}
	}
	c := newCallers(usualPace)
	c.hear(mesh.Calling{Run: "a-1", Hands: 1})
	c.arrive("a-1", time.Minute)
	b := mesh.Calling{Run: "b-1", Waiting: 1}
	if c.moves("a-1", b) || c.turn < 9*time.Minute {
		t.Errorf("it is to stay for %s where it took a minute to get ready", c.turn)
	}
	c.since = c.since.Add(-time.Hour)
	if c.moves("a-1", mesh.Calling{Run: "a-2", Waiting: 1}) {
		t.Error("it moves from a run to the same")
	}
	if !c.moves("a-1", b) {
		t.Error("it stays")
	}
}

// sharing opens two runs at one broker with one worker of two slots, whose turns are short.
func sharing(t *testing.T) (both [2]*Crew) {
	t.Helper()
	server, err := mesh.Start(true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	brisk := usualPace
	brisk.tick, brisk.turn, brisk.pays = 10*time.Millisecond, 20*time.Millisecond, 0
	for i := range both {
		if both[i], err = Open(Options{Broker: server.Address(), Stock: stock(), pace: brisk}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(both[i].Close)
	}
	hands(t, server.Address(), 1, func(o *WorkOptions) { o.pace, o.Slots = brisk, 2 })
	return both
}

// Of two runs that share one worker neither waits for the other's end: each goes on while the other
// does, again and again.
func TestTwoRunsShareAWorker(t *testing.T) {
	crews := sharing(t)
	folded, ended := make(chan int, 1), make(chan error, len(crews))
	enough := errors.New("it has been seen")
	ctx, stop := context.WithCancelCause(limited(t))
	for i, c := range crews {
		s, _ := setup(t, "6", "method.0.rounds=1000000")
		s.Methods[0] = evil{s.Methods[0], func(ctx context.Context) error {
			select {
			case folded <- i:
			case <-ctx.Done():
			}
			return nil
		}}
		go func() { ended <- c.Run(ctx, s) }()
	}
	last, changes := -1, 0
	for changes < 6 {
		select {
		case i := <-folded:
			if i != last {
				last, changes = i, changes+1
			}
		case err := <-ended:
			t.Fatalf("after %d changes a run ended: %v", changes, err)
		}
	}
	stop(enough)
	for range crews {
		if err := <-ended; !errors.Is(err, enough) {
			t.Error(err)
		}
	}
}

// Where a worker is changes no ledger.
func TestOneLedgerByRunsThatShareAWorker(t *testing.T) {
	crews := sharing(t)
	want := reference(t, "6", "method.0.rounds=8")
	ended := make(chan error, len(crews))
	for _, c := range crews {
		s, lines := setup(t, "6", "method.0.rounds=8")
		go func() {
			err := c.Run(limited(t), s)
			if err == nil && lines.String() != want {
				err = fmt.Errorf("the ledger differs from that of sim.Run")
			}
			ended <- err
		}()
	}
	for range crews {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
