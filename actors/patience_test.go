package actors

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// An absence is told once, when it has lasted, and its end too; after so long it is an error.
func TestPatience(t *testing.T) {
	var said meshtest.Said
	p := Patience{Tell: time.Second, End: time.Minute, Log: slog.New(slog.NewTextHandler(&said, nil))}
	for i, look := range []struct {
		away time.Duration
		told int // lines so far
		err  error
	}{{0, 0, nil}, {time.Second, 0, nil}, {2 * time.Second, 1, nil}, {time.Minute, 1, nil}, {0, 2, nil}, {0, 2, nil}, {2 * time.Second, 3, nil}, {time.Minute + 1, 3, ErrAway}} {
		if err := p.Look(look.away); !errors.Is(err, look.err) {
			t.Errorf("look %d: %v; %v was expected", i, err, look.err)
		}
		if n := strings.Count(said.String(), "\n"); n != look.told {
			t.Errorf("look %d: %d lines were said, not %d:\n%s", i, n, look.told, said.String())
		}
	}
	p.End = 0
	if err := p.Look(1000 * time.Hour); err != nil {
		t.Errorf("who waits for ever does not: %v", err)
	}
}

// A trial that is to begin while the broker of its run is away waits for it, as one does that has begun.
func TestATrialBeginsWhenTheBrokerIsBack(t *testing.T) {
	b := meshtest.ByToken(t, meshtest.Here)
	line := meshtest.NewLine(t, b.URL)
	long := usualPace
	long.lost = dialWithin + time.Second // by then who only knocks has given up
	var said meshtest.Said
	c, err := Open(Options{Broker: addressOf(t, b, line.URL), Stock: stock(), pace: long, Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	hands(t, addressOf(t, b, b.URL), 1, nil)
	line.Cut()
	s, lines := setup(t, "6")
	ended := make(chan error, 1)
	go func() { ended <- c.Run(limited(t), s) }()
	for !said.Has("the broker is away, and is waited for, up to 2m0s") {
		select {
		case err := <-ended:
			t.Fatalf("it did not wait: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	line.Mend()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if lines.String() != reference(t, "6") {
		t.Error("the ledger differs from that of sim.Run")
	}
}
