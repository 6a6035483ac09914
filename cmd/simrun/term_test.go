//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// child finds a process that another has started, by words of its command line.
func child(t *testing.T, parent int, words ...string) int {
	t.Helper()
	found := 0
	comes(func() bool {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
		for _, list := range lists {
			text, _ := os.ReadFile(list) // a thread that has ended has no children
			for _, word := range strings.Fields(string(text)) {
				line, _ := os.ReadFile("/proc/" + word + "/cmdline")
				if strings.Contains(string(line), strings.Join(words, "\x00")) {
					pid, err := strconv.Atoi(word)
					if err != nil {
						t.Fatal(err)
					}
					found = pid
				}
			}
		}
		return found != 0
	})
	if found == 0 {
		t.Fatalf("process %d has not started %q", parent, words)
	}
	return found
}

// A worker that a run has started itself is deaf to Ctrl-C, which the run hears too, and goes in
// order when it is asked to alone: another takes its place, and the hash is that of one goroutine.
// What is left on the disk by one that is killed goes long before the run ends.
func TestALocalWorkerIsAskedToGo(t *testing.T) {
	t.Parallel()
	want := hashOfRun(t, crowdedBench(t), t.TempDir(), "crowd.yaml", "--engine", "inline")
	dir, cache := crowdedBench(t), t.TempDir()
	g := gateAt(t, dir, 3, 6, 9, 11)
	c, out := simrunIn(t, dir, cache, "run", "crowd.yaml", "-o", "json", "--out", "r", "--workers", "1")
	started(t, c)
	first := child(t, c.Process.Pid, "--name", "w1")
	g.held(3)
	g.release(3)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		if err := syscall.Kill(first, s); err != nil {
			t.Fatal(err)
		}
	}
	second := child(t, c.Process.Pid, "--name", "w1-2")
	spools := func(there bool) {
		t.Helper()
		if !comes(func() bool {
			all, _ := filepath.Glob(filepath.Join(dir, "r", "spool", "w1-2-*.spool"))
			return len(all) > 0 == there
		}) {
			t.Fatalf("files in which the worker's blobs lie: there being some was not %v", there)
		}
	}
	g.release(6)
	g.held(9)
	spools(true)
	g.release(9)
	if err := syscall.Kill(second, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	spools(false)
	child(t, c.Process.Pid, "--name", "w1-3")
	g.release(11)
	if err := c.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if got, err := hashOf(out.Bytes()); err != nil || got != want {
		t.Errorf("hash %s, not %s (%v)", got, want, err)
	}
}
