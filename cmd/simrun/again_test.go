package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A worker of the run's own machine that is killed comes again under its name, whatever it left
// behind, twice: the hash is the same.
func TestAWorkerComesAgainUnderItsName(t *testing.T) {
	b := meshtest.ByToken(t, meshtest.Program(t))
	dir, cache := workbench(t), t.TempDir()
	long, gates := []string{"--set", "method.0.rounds=60"}, []int{20, 40} // where the run waits until the worker is killed
	want := hashIn(t, dir, cache, append([]string{"--engine", "inline"}, long...)...)
	live := func() (kill func()) {
		c, _ := simrunIn(t, dir, t.TempDir(), append([]string{"worker", "--quiet", "--slots", "1", "--name", "same"}, b.Flags()...)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		kill = func() {
			_ = c.Process.Kill() // it works until then
			_ = c.Wait()
		}
		t.Cleanup(kill)
		return kill
	}
	run, out := simrunIn(t, dir, cache, append(append([]string{"run", "tiny.yaml", "-q", "-o", "json", "--out", "r"}, long...), b.Flags()...)...)
	g := gateAt(t, dir, gates...)
	started(t, run)
	for life, gate := range gates {
		seen := lines(dir) // before there is a worker: it may be quicker than we are
		kill := live()
		if !comes(func() bool { return lines(dir) >= seen+20 }) {
			t.Fatalf("in its life %d the worker brings nothing:\n%s", life, out)
		}
		kill()
		g.release(gate)
	}
	live()
	if err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	if got, err := hashOf(out.Bytes()); err != nil || got != want {
		t.Errorf("hash %s (%v), not %s", got, err, want)
	}
}

// lines counts those of the first ledger of run r.
func lines(dir string) int {
	text, _ := os.ReadFile(filepath.Join(dir, "r", "ledger", "000.jsonl")) // none before it has begun
	return bytes.Count(text, []byte("\n"))
}
