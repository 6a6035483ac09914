package main

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// looks of a soak in which one thing grows by so much in all.
func looksOf(n int, grows int, by float64) (looks []sighting) {
	for i := range n {
		g := sighting{at: time.Duration(i) * time.Second, done: 100 * i}
		for what := range g.of {
			g.of[what] = 1000
		}
		g.of[residentBytes], g.of[blobBytes] = 100<<20, 10<<20
		g.of[grows] += by * float64(i) / float64(n)
		looks = append(looks, g)
	}
	return looks
}

// What grows without end is seen, whatever it is; noise is not.
func TestLeaksAreSeen(t *testing.T) {
	for what, by := range map[int][2]float64{residentBytes: {400 << 20, 40 << 20}, goroutines: {100, 6}, openFiles: {100, 4}, blobBytes: {200 << 20, 16 << 20}} {
		for i, grew := range []bool{true, false} {
			s := judged(looksOf(200, what, by[i]))
			for k, m := range s.Measures {
				if m.Grew != (grew && k == what) {
					t.Errorf("%s grew by %.0f: %+v", noise[what].name, by[i], m)
				}
			}
			if s.Rate < 99 || s.Rate > 101 {
				t.Errorf("a hundred client-runs a second came as %.1f", s.Rate)
			}
		}
	}
}

// A look at a run whose line is lost is in vain, and the next sees the run again.
func TestASoakOutlivesItsLine(t *testing.T) {
	b := meshtest.ByToken(t, meshtest.Here)
	run := lineTo(t, b, b.URL, "run")
	if err := run.Show(mesh.CoordinatorService, "a run", nil, func() any { return actors.CoordinatorStats{Done: 7} }); err != nil {
		t.Fatal(err)
	}
	line := meshtest.NewLine(t, b.URL)
	eyes := &lookout{pid: os.Getpid(), dir: t.TempDir(), patience: actors.Visiting(slog.New(slog.DiscardHandler)), conn: lineTo(t, b, line.URL, "visitor")}
	until := func(want error) {
		t.Helper()
		for began := time.Now(); ; {
			g, err := eyes.look(t.Context())
			if errors.Is(err, want) && (err != nil || g.done == 7) {
				return
			}
			if err != nil && !errors.Is(err, errUnseen) || time.Since(began) > time.Minute {
				t.Fatalf("%d leases, %v; %v was expected", g.done, err, want)
			}
		}
	}
	until(nil)
	line.Cut()
	until(errUnseen)
	line.Mend()
	until(nil)
}

// However a soak ends, its run ends with it.
func TestASoakLeavesNoRunBehind(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes")
	}
	temp := t.TempDir()
	c, _ := simrunIn(t, t.TempDir(), t.TempDir(), "soak", "--span", "5m")
	c.Env = append(c.Env, "TMPDIR="+temp)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() }) // it has ended
	var pids []int
	for began := time.Now(); len(pids) == 0; time.Sleep(5 * time.Millisecond) {
		if files, err := filepath.Glob(filepath.Join(temp, "simrun-soak-*", "cache", "live", "*.json")); err == nil && len(files) > 0 {
			pids = childrenOf(c.Process.Pid, "bench")
		}
		if time.Since(began) > time.Minute {
			t.Fatal("the run has not begun")
		}
	}
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Error("a soak that was interrupted ended well")
	}
	for _, pid := range pids {
		if running(pid) {
			t.Errorf("process %d goes on", pid)
		}
	}
}
