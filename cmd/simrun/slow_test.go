package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A NATS server cuts a worker, and then the run itself, which stand still while they are sent more
// than it holds for a slow consumer. Nothing of what was on its way is missed: the hash is the
// same, and whoever was cut says so once it reads again.
func TestOneHashWhileABrokerCutsSlowConsumers(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("stops processes")
	}
	t.Parallel()
	b, err := startBroker(meshtest.Program(t), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.stop() })
	dir, cache := workbench(t), t.TempDir()
	g := gateAt(t, dir, 20, 55) // where the run waits until the worker, and then it itself, was cut
	long := []string{"--set", "method.0.rounds=60", "--set", "method.0.with.epochs=20"}
	var said [2]bytes.Buffer // by the worker, and by the run
	worker, _ := simrunIn(t, t.TempDir(), t.TempDir(), "worker", "--slots", "1", "--nats", b.url, "--token-file", b.token)
	worker.Stderr = &said[0]
	started(t, worker)
	run, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-o", "json", "--out", "r", "--nats", b.url, "--token-file", b.token}, long...)...)
	run.Stderr = &said[1]
	started(t, run)
	over := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- run.Wait(); close(over) }()
	for ledgerBytes(filepath.Join(dir, "r")) == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it began: %v\n%s", err, &said[1])
		case <-time.After(5 * time.Millisecond):
		}
	}
	for i, gate := range []int{20, 55} {
		if err := b.cutOff([]int{worker.Process.Pid, run.Process.Pid}[i], over); err != nil {
			t.Error(err)
		}
		g.release(gate)
	}
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, &said[1])
	}
	_ = worker.Process.Signal(os.Interrupt)
	_ = worker.Wait() // as it was interrupted
	for i, who := range []string{"worker", "run"} {
		if !strings.Contains(said[i].String(), "slow consumer") {
			t.Errorf("the broker cut the %s, which said:\n%s", who, &said[i])
		}
	}
	got, err := hashOf(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if want := hashIn(t, dir, cache, append([]string{"--engine", "inline"}, long...)...); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}
