package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// interruptible returns a context that the first Ctrl-C (or SIGTERM) cancels, so that a run
// stops cleanly. The second one ends the process on the spot.
func interruptible(parent context.Context, w io.Writer, endings ...os.Signal) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, endings...)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel(errInterrupted)
			_, _ = fmt.Fprintln(w, "\nsimrun: stopping; once more to abort")
		case <-done:
			return
		}
		select {
		case <-signals:
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// endings are the signals that end a command. A worker that a run has started is deaf to Ctrl-C
// from its first moment: that is for the run, whose child it is. SIGTERM is for who gets it.
func endings(args []string) []os.Signal {
	if len(args) > 0 && args[0] == "worker" && slices.Contains(args, "--bound") {
		signal.Ignore(os.Interrupt)
		return []os.Signal{syscall.SIGTERM}
	}
	return []os.Signal{os.Interrupt, syscall.SIGTERM}
}
