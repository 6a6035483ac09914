package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"
)

// A worker that a run has started is deaf to Ctrl-C before its command begins; all else listens.
func TestEndings(t *testing.T) {
	defer signal.Reset(os.Interrupt)
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
