//go:build linux

package main

import (
	"bytes"
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// pipeBytes is how much a pipe holds that was made narrow, so that it is soon full.
const pipeBytes = 4096

func narrow(pipe *os.File) error {
	raw, err := pipe.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { _, failed = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, pipeBytes) }); err != nil {
		return err
	}
	return failed
}

// Whoever watches a run and does not read what is said holds up nobody but himself: the run ends
// with its hash, and all that there was to see comes once he reads.
func TestAWatchThatIsNotRead(t *testing.T) {
	t.Parallel()
	dir, cache := workbench(t), t.TempDir()
	g := gateAt(t, dir, 2)
	long := []string{"--set", "method.0.rounds=60", "--set", "population.client.count=1"}
	run, out := simrunIn(t, dir, cache, append([]string{"run", "tiny.yaml", "-q", "-o", "json", "--out", "r"}, long...)...)
	started(t, run)
	g.held(2)
	watch, _ := simrunIn(t, dir, cache, "watch", "r", "-o", "jsonl")
	watch.Stdout = nil
	pipe, err := watch.StdoutPipe()
	if err == nil {
		err = narrow(pipe.(*os.File))
	}
	if err != nil {
		t.Fatal(err)
	}
	started(t, watch)
	first := make([]byte, 1) // it is there, and shows what there is
	if _, err := io.ReadFull(pipe, first); err != nil {
		t.Fatal(err)
	}
	g.release(2)
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
	if n := bytes.Count(append(first, seen...), []byte("\n")); n != 61 || len(seen) < 2*pipeBytes {
		t.Errorf("%d lines of %d bytes were seen; 60 rounds and an end were expected, and more than a pipe holds", n, len(seen))
	}
	if want := hashIn(t, dir, cache, append([]string{"--engine", "inline"}, long...)...); got != want {
		t.Errorf("hash %s, not %s", got, want)
	}
}
