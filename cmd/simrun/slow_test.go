package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// Whoever watches a run and does not read what is said holds up nobody but himself: the run ends
// with its hash, and all that there was to see comes once he reads.
func TestAWatchThatIsNotRead(t *testing.T) {
	if testing.Short() {
		t.Skip("runs until a pipe is full")
	}
	t.Parallel()
	dir, cache := workbench(t), t.TempDir()
	long := []string{"--set", "method.0.rounds=500", "--set", "population.client.count=1"}
	run, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-q", "-o", "json", "--out", "r"}, long...)...)
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "r", "ledger", "000.jsonl")); err == nil {
			break
		} else if time.Since(began) > time.Minute {
			t.Fatal(err)
		}
	}
	watch, _ := simrunIn(t, dir, cache, "watch", "r", "-o", "jsonl")
	watch.Stdout = nil
	pipe, err := watch.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = watch.Process.Kill() }) // no more than a failed test leaves
	if err := run.Wait(); err != nil {
		t.Fatal(err)
	}
	got, err := hashOf(out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := io.ReadAll(pipe)
	if err != nil {
		t.Fatal(err)
	}
	if err := watch.Wait(); err != nil {
		t.Errorf("watch: %v", err)
	}
	if n := bytes.Count(seen, []byte("\n")); n != 501 || len(seen) < 1<<16 {
		t.Errorf("%d lines of %d bytes were seen; 500 rounds and an end were expected, and more than a pipe holds", n, len(seen))
	}
	if want := hashIn(t, dir, cache, append([]string{"--engine", "inline"}, long...)...); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}

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
	long := []string{"--set", "method.0.rounds=60", "--set", "method.0.with.epochs=20"}
	var said [2]bytes.Buffer // by the worker, and by the run
	worker, _ := simrunIn(t, t.TempDir(), t.TempDir(), "worker", "--slots", "1", "--nats", b.url, "--token-file", b.token)
	worker.Stderr = &said[0]
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	run, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-o", "json", "--out", "r", "--nats", b.url, "--token-file", b.token}, long...)...)
	run.Stderr = &said[1]
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- run.Wait(); close(over) }()
	for !begun(filepath.Join(dir, "r")) {
		select {
		case err := <-ended:
			t.Fatalf("it ended before it began: %v\n%s", err, &said[1])
		case <-time.After(5 * time.Millisecond):
		}
	}
	for _, pid := range []int{worker.Process.Pid, run.Process.Pid} {
		if err := b.cutOff(pid, over); err != nil {
			t.Error(err)
		}
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
