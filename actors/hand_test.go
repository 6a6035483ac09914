package actors

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh"
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
