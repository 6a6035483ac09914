package main

import (
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
