package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A worker on another host is killed with -9 once it has reported, and before it has heard that its
// blobs are fetched, which are too large for a message. It is not asked for them for ever, and another
// makes them again.
func TestAWorkerThatIsKilledBeforeItsBlobsAreFetched(t *testing.T) {
	t.Parallel()
	b := meshtest.ByToken(t, meshtest.Program(t))
	large := []string{"--set", "bases.main.recipe.d=192", "--set", "population.client.rank=64"}
	dir, cache := workbench(t), t.TempDir()
	want := hashIn(t, dir, cache, append([]string{"--engine", "inline"}, large...)...)
	var said meshtest.Said
	run, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-o", "json", "--out", "r"}, slices.Concat(b.Flags(), large)...)...)
	run.Stderr = &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Kill() }) // no more than a failed test leaves
	elsewhere(t, filepath.Join(dir, "r"))
	var doomed *exec.Cmd
	started := make(chan struct{})
	killed := sync.OnceFunc(func() {
		<-started
		_ = doomed.Process.Kill()
		_ = doomed.Wait() // as it was killed
	})
	line := b.Until("worker.doomed.fetch", killed)
	doomed, _ = simrunIn(t, t.TempDir(), t.TempDir(), "worker", "--quiet", "--slots", "1", "--name", "doomed", "--nats", line.URL, "--token-file", b.TokenFile)
	if err := doomed.Start(); err != nil {
		t.Fatal(err)
	}
	close(started)
	t.Cleanup(killed)
	for began := time.Now(); !said.Has("nobody listens"); time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("it still asks the dead; it said:\n%s", said.String())
		}
	}
	workersAt(t, 1, b.Flags()...)
	if err := run.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if got, err := hashOf(out.Bytes()); got != want {
		t.Errorf("hash %s (%v), not %s", got, err, want)
	}
}

// elsewhere has workers that come from now on believe that a run is of another host: what only those
// of its own can read is not there.
func elsewhere(t *testing.T, run string) {
	t.Helper()
	for began := time.Now(); os.Remove(filepath.Join(run, "spool", "proof")) != nil; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%s calls for no workers", run)
		}
	}
}
