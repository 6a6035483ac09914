package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

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

// soaked is what was seen.
type soaked struct {
	SpanSec  float64   `json:"span_sec"`
	Rate     float64   `json:"client_runs_per_sec"`
	Measures []measure `json:"measures"`
	CPU      string    `json:"cpu"`
}

// measure is one thing that must stay flat: its median in the second and the last quarter.
type measure struct {
	Name   string  `json:"name"`
	Second float64 `json:"second_quarter"`
	Last   float64 `json:"last_quarter"`
	Grew   bool    `json:"grew"`
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
	child.WaitDelay = 10 * time.Second
	var said lastBytes
	child.Stderr = &said
	if err := child.Start(); err != nil {
		return s, err
	}
	gone := make(chan error, 1)
	go func() { gone <- child.Wait() }()
	looks, err := f.watch(ctx, child.Process.Pid, dir, gone, progress)
	if err != nil {
		return s, fmt.Errorf("%w%s", err, said.String())
	}
	if err := child.Process.Signal(os.Interrupt); err != nil {
		return s, err
	}
	<-gone //nolint:errcheck // it was interrupted, and says so
	return judged(looks), nil
}

// watch looks once a second until the time is over.
func (f *soakFlags) watch(ctx context.Context, pid int, dir string, gone <-chan error, progress io.Writer) (looks []sighting, err error) {
	eyes := &lookout{pid: pid, dir: dir}
	defer eyes.close()
	began := time.Now()
	for time.Since(began) < f.span {
		select {
		case err := <-gone:
			return nil, fmt.Errorf("it ended after %s: %w", results.Wall(time.Since(began)), err)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(time.Second):
		}
		g, err := eyes.look(ctx)
		if err != nil {
			return nil, errors.Join(err, endedToo(gone, began))
		}
		g.at = time.Since(began)
		looks = append(looks, g)
		if len(looks)%60 == 0 {
			_, _ = fmt.Fprintf(progress, "%s: %s resident, %.0f goroutines, %.0f files, %s of blobs\n", // progress
				results.Wall(g.at), results.Bytes(g.of[residentBytes]), g.of[goroutines], g.of[openFiles], results.Bytes(g.of[blobBytes]))
		}
	}
	return looks, nil
}

// endedToo is why the run ended, if it did: then nobody could be asked.
func endedToo(gone <-chan error, began time.Time) error {
	select {
	case err := <-gone:
		return fmt.Errorf("it ended after %s: %w", results.Wall(time.Since(began)), err)
	case <-time.After(time.Second):
		return nil
	}
}

func (s soaked) print(out io.Writer, asJSON bool) error {
	var grew []string
	for _, m := range s.Measures {
		if m.Grew {
			grew = append(grew, m.Name)
		}
	}
	if asJSON {
		if err := writeJSON(out, s); err != nil {
			return err
		}
	} else {
		_, _ = fmt.Fprintf(out, "%s at %.0f client-runs/s (%s)\n", results.Wall(time.Duration(s.SpanSec*float64(time.Second))), s.Rate, s.CPU) // Flush tells of errors
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		_, _ = fmt.Fprintln(w, "what\tsecond quarter\tlast quarter\t\t")
		for _, m := range s.Measures {
			_, _ = fmt.Fprintf(w, "%s\t%.0f\t%.0f\t%s\t\n", m.Name, m.Second, m.Last, map[bool]string{false: "flat", true: "grew"}[m.Grew])
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if len(grew) > 0 {
		return fmt.Errorf("what must stay flat grew: %q", grew)
	}
	return nil
}
