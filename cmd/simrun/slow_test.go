package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
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
