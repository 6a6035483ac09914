package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

// chaosFlags are those of "simrun chaos".
type chaosFlags struct {
	changes   changes
	schedules int
	seed      uint64
	server    string
	markdown  string
}

func newChaos() *cobra.Command {
	f := &chaosFlags{}
	c := &cobra.Command{
		Use:   "chaos SCENARIO|FILE|RUN",
		Short: "run a scenario over many processes, break them at random, and compare the hashes",
		Long: `Run a scenario once undisturbed in one goroutine, and then again and again over
worker processes, while a schedule drawn from a seed kills workers, plugins and the
run itself with -9 (which is then resumed), stops workers for a while, fills the run's
disk, has clocks jump by up to two hours, and loses, doubles and delays messages. Half of
the runs have a checkpoint of each round (run --keep each), all others as they come. With
--nats-server half of the runs take a NATS server of their own: that is killed, too, and
it cuts processes that stand still while they are sent more than it holds for a slow
consumer. Every run must end with the undisturbed hash. The schedule of a seed is the
same every time, and each thing of it comes when a share of the run's ledgers is written.
How it meets the run is up to the machine: what comes when a run is over is counted as
drawn and not as met.`,
		Example: "  simrun chaos quickstart --schedules 100",
		Args:    exactly(1, "SCENARIO|FILE|RUN"),
		RunE:    func(c *cobra.Command, args []string) error { return f.chaos(c, args[0]) },
	}
	f.changes.flags(c)
	c.Flags().IntVar(&f.schedules, "schedules", 20, "how many schedules to draw")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "of the first schedule; the others follow")
	c.Flags().StringVar(&f.server, "nats-server", "", "program of a NATS server: half of the runs use one, and it is killed and started again, and cuts slow consumers")
	c.Flags().StringVar(&f.markdown, "markdown", "", "write what happened into this file, as a table")
	return c
}

// ordeal is what one schedule came to.
type ordeal struct {
	schedule schedule
	met      []string // what of it met the run
	hash     string
	err      error
	wall     time.Duration
}

func (f *chaosFlags) chaos(c *cobra.Command, scenario string) (err error) {
	switch {
	case runtime.GOOS != "linux":
		return misuse("chaos finds the processes to break in /proc, which only Linux has")
	case f.schedules < 1:
		return misuse("--schedules %d: at least 1 was expected", f.schedules)
	}
	dir, err := os.MkdirTemp("", "simrun-chaos-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx := c.Context()
	began := time.Now()
	calm := filepath.Join(dir, "calm")
	want, err := runOnce(ctx, append([]string{"run", scenario, "--out", calm, "--engine", "inline"}, f.changes.again()...), nil)
	if err != nil {
		return fmt.Errorf("the undisturbed run: %w", err)
	}
	span := time.Since(began)
	_, _ = fmt.Fprintf(c.ErrOrStderr(), "undisturbed: %.12s… in %s\n", want, results.Wall(span)) // progress
	var all []ordeal
	for i := range f.schedules {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		o := f.endure(ctx, scenario, filepath.Join(dir, fmt.Sprint(i)), ledgerBytes(calm), draw(f.seed+uint64(i), span, f.server != ""))
		all = append(all, o)
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "%s %s (%s)\n", o.verdict(want), o.schedule, results.Wall(o.wall))
	}
	if err := f.table(c.OutOrStdout(), scenario, want, all); err != nil {
		return err
	}
	return judge(want, all)
}

// verdict is one word on an ordeal.
func (o ordeal) verdict(want string) string {
	switch {
	case o.err != nil:
		return "failed"
	case o.hash != want:
		return "differs"
	}
	return "same"
}

// judge says what did not end as it should.
func judge(want string, all []ordeal) error {
	for _, o := range all {
		if o.err != nil {
			return fmt.Errorf("schedule %s: %w", o.schedule, o.err)
		}
		if o.hash != want {
			return fmt.Errorf("%w: schedule %s ended with hash %.12s…, the undisturbed run with %.12s…", results.ErrMismatch, o.schedule, o.hash, want)
		}
	}
	return nil
}

// table writes what happened, in Markdown, to stdout and to --markdown.
func (f *chaosFlags) table(out io.Writer, scenario, want string, all []ordeal) error {
	command := strings.Join(slices.Concat([]string{"chaos", scenario}, f.changes.again(), []string{fmt.Sprintf("--schedules %d --seed %d", f.schedules, f.seed)}), " ")
	if f.server != "" { // it draws other things
		command += " --nats-server " + filepath.Base(f.server)
	}
	text := chaosTable(command, want, all)
	if _, err := io.WriteString(out, text); err != nil || f.markdown == "" {
		return err
	}
	return results.WriteFile(f.markdown, []byte(chaosPreface+text))
}

const chaosPreface = `# Reliability

What breaks costs time and changes no bit. The tables below were made by the command that they name; ` + "`make chaos`" + ` makes them
again. A run is worth the same whoever did the work: leases are pure functions, the first report of a key counts, and a
report counts once its blobs are there.

Processes are killed, stopped and resumed by signals, the disk is full by RLIMIT_FSIZE, and messages are lost, doubled and
delayed by whoever sends them. A slow consumer is a worker or the coordinator that stands still while all are sent what
nobody heeds, until the NATS server has closed its connection with all that was on its way there: the server's own log says so.

What a schedule has in store comes when a share of the run's ledgers is written, and a moment later, so that it meets quick
machines and slow ones alike. What comes when a run is over has met nothing, and is told apart.

`

// hashOf reads the hash in the one object of "-o json".
func hashOf(stdout []byte) (string, error) {
	var run struct {
		Hash string `json:"hash"`
	}
	if err := json.Unmarshal(stdout, &run); err != nil || run.Hash == "" {
		return "", fmt.Errorf("the run printed no hash: %.200s", stdout)
	}
	return run.Hash, nil
}
