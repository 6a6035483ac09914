package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/results"
)

// A worker that a run has started is deaf to Ctrl-C before its command begins; all else listens.
func TestEndings(t *testing.T) {
	if os.Getenv("SIMRUN_TEST_ENDINGS") == "" {
		// In a process of its own: what is once ignored stays so, also after signal.Reset, in all that is started later.
		c := exec.Command(os.Args[0], "-test.run=^TestEndings$")
		c.Env = append(os.Environ(), "SIMRUN_TEST_ENDINGS=here")
		if said, err := c.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, said)
		}
		return
	}
	both := []os.Signal{os.Interrupt, syscall.SIGTERM}
	for _, args := range [][]string{nil, {"run", "quickstart"}, {"worker", "--nats", "nats://x:1"}, {"run", "--bound"}} {
		if got := endings(args); !slices.Equal(got, both) || signal.Ignored(os.Interrupt) {
			t.Errorf("%q is ended by %v", args, got)
		}
	}
	if got := endings([]string{"worker", "--bound", "--quiet"}); !slices.Equal(got, both[1:]) || !signal.Ignored(os.Interrupt) {
		t.Errorf("a worker of a run is ended by %v", got)
	}
}

// A run whose folder somebody takes away does not say that it can be gone on with.
func TestARunWhoseFolderIsGone(t *testing.T) {
	p := &performance{show: newDisplay(io.Discard, true), folder: &results.Folder{Dir: filepath.Join(t.TempDir(), "r")}}
	if err := p.incomplete(errInterrupted); !errors.Is(err, errInterrupted) || !strings.HasSuffix(err.Error(), "/r is gone") {
		t.Errorf("%v", err)
	}
}

// interrupt CODE FILE PROGRAM ARGUMENT... starts a program, presses Ctrl-C once FILE (or one of a
// pattern) is there, or was written since, and checks the exit code, and that it says how to go on.
// With "killed" for a code it is killed instead, and says nothing.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: interrupt CODE FILE PROGRAM ARGUMENT...")
	}
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	c := exec.Command(path, args[3:]...)
	c.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SIMRUN_CACHE"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	var said bytes.Buffer
	c.Stderr = &said
	look := func() os.FileInfo {
		all, err := filepath.Glob(ts.MkAbs(args[1]))
		ts.Check(err)
		if len(all) == 0 {
			return nil
		}
		info, _ := os.Stat(all[0]) // it may go meanwhile
		return info
	}
	before := look()
	ts.Check(c.Start())
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	late := time.After(patience)
	for soon := time.Tick(time.Millisecond); ; {
		select {
		case <-soon:
		case err := <-ended:
			ts.Fatalf("it had ended before %s was there: %v; it said:\n%s", args[1], err, said.String())
		case <-late:
			_ = c.Process.Kill()
			<-ended
			ts.Fatalf("%s was not written within %s; it said:\n%s", args[1], patience, said.String())
		}
		// Compared by time, too: what is written in the place of a file may get its number.
		now := look()
		if now != nil && (before == nil || !os.SameFile(before, now) || !now.ModTime().Equal(before.ModTime())) {
			break
		}
	}
	if args[0] == "killed" {
		ts.Check(c.Process.Kill())
		if err := <-ended; c.ProcessState.ExitCode() != -1 {
			ts.Fatalf("it had ended before it could be killed: %v; it said:\n%s", err, said.String())
		}
		return
	}
	ts.Check(c.Process.Signal(os.Interrupt))
	if got := codeText(<-ended); got != args[0] {
		ts.Fatalf("exit code %s, want %s; it said:\n%s", got, args[0], said.String())
	}
	if !strings.Contains(said.String(), "to go on with it:\n  simrun resume") && !strings.Contains(said.String(), "the same command with --resume goes on") {
		ts.Fatalf("it does not say how to go on:\n%s", said.String())
	}
}
