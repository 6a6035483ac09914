package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/results"
)

// soakFlags are those of "simrun soak".
type soakFlags struct {
	span                    time.Duration
	clients, floats, worker int
	output                  string
}

// shortestSoak leaves each quarter a few looks.
const shortestSoak = 20 * time.Second

func newSoak() *cobra.Command {
	f := &soakFlags{}
	c := &cobra.Command{
		Use:   "soak",
		Short: "run at full rate for a long time, and see that nothing grows",
		Long: `Run clients that train nothing, as "bench null" does, for as long as --span says, and
look at all its processes once a second from outside: resident memory, goroutines, open
files, and the bytes of its blobs. Whatever is larger in the last quarter of the time
than in the second, by more than noise, is a leak, and the exit code is 1.`,
		Example: "  simrun soak --span 20m\n  simrun soak --span 1m --workers 0",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(f.output)
			if err != nil {
				return err
			}
			s, err := f.soak(c.Context(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			return s.print(c.OutOrStdout(), asJSON)
		},
	}
	c.Flags().DurationVar(&f.span, "span", time.Minute, "how long, at least 20s")
	c.Flags().IntVar(&f.clients, "clients", 256, "clients of a round")
	c.Flags().IntVar(&f.floats, "floats", 1024, "numbers of 4 bytes that go down to each client and up again")
	c.Flags().IntVar(&f.worker, "workers", 1, "worker processes")
	outputFlag(c, &f.output)
	return c
}

func (f *soakFlags) soak(ctx context.Context, progress io.Writer) (s soaked, err error) {
	switch {
	case runtime.GOOS != "linux":
		return s, misuse("soak looks at processes in /proc, which only Linux has")
	case f.span < shortestSoak:
		return s, misuse("--span %s: at least %s was expected", f.span, shortestSoak)
	case f.clients < 1 || f.floats < 1 || f.worker < 1:
		return s, misuse("--clients, --floats and --workers are at least 1")
	}
	dir, err := os.MkdirTemp("", "simrun-soak-")
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	const noEnd = 1_000_000_000 // rounds
	child := exec.CommandContext(ctx, self, "bench", "null", "--clients", strconv.Itoa(f.clients), "--floats", strconv.Itoa(f.floats),
		"--rounds", strconv.Itoa(noEnd), "--workers", strconv.Itoa(f.worker))
	child.Env = append(os.Environ(), "TMPDIR="+dir, "SIMRUN_CACHE="+filepath.Join(dir, "cache"))
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	child.WaitDelay = endWithin
	var said lastBytes
	child.Stderr = &said
	if err := child.Start(); err != nil {
		return s, err
	}
	var end error
	over := make(chan struct{})
	go func() { defer close(over); end = child.Wait() }()
	s, err = f.watch(ctx, child.Process.Pid, dir, over, progress)
	if ctx.Err() == nil { // else it has been asked already
		_ = child.Process.Signal(os.Interrupt) // it may have ended
	}
	kill := time.AfterFunc(endWithin, func() { _ = child.Process.Kill() }) // likewise
	defer kill.Stop()
	if <-over; errors.Is(err, errEnded) && end != nil {
		err = fmt.Errorf("%w: %w", err, end)
	}
	if err != nil {
		err = fmt.Errorf("%w%s", err, said.String())
	}
	return s, err
}

// endWithin is how long the run may take to end when it is asked to.
const endWithin = 10 * time.Second

// leastLooks is how many there must be to compare quarters of them.
const leastLooks = 8

// errEnded is the error of a run that did not wait for its end.
var errEnded = errors.New("the run ended by itself")

// watch looks once a second until the time is over. A look in vain is no end: the line to the run is
// opened again, and a run that stood still for a while goes on.
func (f *soakFlags) watch(ctx context.Context, pid int, dir string, over <-chan struct{}, progress io.Writer) (s soaked, err error) {
	eyes := &lookout{pid: pid, dir: dir, patience: actors.Visiting(slog.New(slog.NewTextHandler(progress, nil)))}
	defer eyes.close()
	var looks []sighting
	missed := 0
	for began := time.Now(); time.Since(began) < f.span; {
		select {
		case <-over:
			return s, fmt.Errorf("%w after %s", errEnded, results.Wall(time.Since(began)))
		case <-ctx.Done():
			return s, context.Cause(ctx)
		case <-time.After(time.Second):
		}
		g, err := eyes.look(ctx)
		if errors.Is(err, errUnseen) {
			missed++
			continue
		}
		if err != nil {
			return s, err
		}
		g.at = time.Since(began)
		looks = append(looks, g)
		if len(looks)%60 == 0 {
			_, _ = fmt.Fprintf(progress, "%s: %s resident, %.0f goroutines, %.0f files, %s of blobs\n", // progress
				results.Wall(g.at), results.Bytes(g.of[residentBytes]), g.of[goroutines], g.of[openFiles], results.Bytes(g.of[blobBytes]))
		}
	}
	if len(looks) < max(leastLooks, missed) {
		return s, fmt.Errorf("of %d looks %d were in vain: too few to judge by", missed+len(looks), missed)
	}
	s = judged(looks)
	s.Missed = missed
	return s, nil
}
