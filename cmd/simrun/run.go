package main

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
)

// runFlags are how a run is carried out. None of them changes what is computed but changes.
type runFlags struct {
	changes changes
	engine  string
	mesh    meshFlags
	methods methodFlags
	out     string
	timeout time.Duration
	output  string
	verbose bool
	quiet   bool
	command []string // as typed, without "simrun"
}

func newRun(args []string) *cobra.Command {
	f := &runFlags{command: args}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE",
		Short: "run a scenario and write what came of it into a folder",
		Long: `Run an embedded scenario, or one in a file, and write what came of it into a
folder: the ledgers, tables, a report as one HTML page, and a manifest that marks
the run as whole.

A word is the name of an embedded scenario ("simrun list"); a path that ends in
.yaml is a file. The results go to stdout, progress to stderr.`,
		Example: "  simrun run quickstart\n  simrun run my.yaml --set population.client.count=20 --seeds 1..5",
		Args:    exactly(1, "SCENARIO|FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c, args[0])
		},
	}
	f.changes.flags(c)
	f.methods.flags(c)
	c.Flags().StringVar(&f.engine, "engine", "actors", "actors, or inline: one goroutine, the reference")
	c.Flags().IntVar(&f.mesh.slots, "slots", runtime.NumCPU(), "participants that work at once; with --workers, in each (default the cores, shared)")
	c.Flags().IntVar(&f.mesh.workers, "workers", 0, "start so many worker processes, and work in them")
	c.Flags().BoolVar(&f.mesh.listen, "listen", false, "open a port on the loopback, for \"simrun inspect\", \"top\" and workers")
	f.mesh.broker.flags(c)
	c.Flags().StringVar(&f.out, "out", "", "folder of the run (default runs/NAME-PLANHASH)")
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "stop after so long, as in 10m (exit code 3)")
	c.Flags().StringVarP(&f.output, "output", "o", "table", "table, json (one object), or jsonl (a line per trial as it ends)")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log what plugins say")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	return c
}

// run is the whole of it: find, check, carry out, finish, print.
func (f *runFlags) run(c *cobra.Command, what string) (err error) {
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	defer func() { err = because(ctx, err) }()

	if f.engine != "actors" && f.engine != "inline" {
		return misuse("--engine %s: actors or inline was expected", f.engine)
	}
	if err := f.mesh.check(f.engine, c.Flags().Changed("slots")); err != nil {
		return err
	}
	if err := f.check(c); err != nil {
		return err
	}
	scenario, err := find(what, f.changes)
	if err != nil {
		return err
	}
	show := newDisplay(c.ErrOrStderr(), f.quiet)
	defer show.clear()
	shelf, err := f.methods.shelf(f.logger(show))
	if err != nil {
		return err
	}
	defer func() { _ = shelf.close() }()
	trials, err := scenario.trials(ctx, shelf)
	if err != nil {
		return err
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	stock := actors.NewStock(newFiles(), diskCache{cache})
	p := performance{asked: scenario, trials: trials, engine: &engine{name: f.engine, slots: f.mesh.slots}, shelf: shelf, flags: f, show: show,
		stock: stock, assets: newAssets(ctx, stock, show), print: newPrinter(c.OutOrStdout(), f.output)}
	return p.perform(ctx)
}

// check refuses flags whose values say nothing.
func (f *runFlags) check(c *cobra.Command) error {
	switch {
	case !slices.Contains([]string{"table", "json", "jsonl"}, f.output):
		return misuse("--output %s: table, json or jsonl was expected", f.output)
	case c.Flags().Changed("timeout") && f.timeout <= 0:
		return misuse("--timeout %s: more than 0 was expected; leave it out for no limit", f.timeout)
	case c.Flags().Changed("out") && f.out == "":
		return misuse(`--out "": the name of a folder was expected; leave it out for runs/NAME-PLANHASH`)
	}
	return nil
}

// deadline adds --timeout to a context.
func (f *runFlags) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.timeout, errTimeout)
}

// logger goes to stderr with -v, and nowhere without.
func (f *runFlags) logger(show *display) *slog.Logger {
	if !f.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(show, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// planOf is the plan as the run folder keeps it.
func planOf(trials []plan.Trial) results.Plan {
	first := trials[0].Scenario
	p := results.Plan{Name: first.Name, Question: first.Question, Hash: plan.Hash(trials)}
	for _, t := range trials {
		pt := results.PlanTrial{ID: results.TrialID(t.Index), Name: t.Name, Arm: t.Arm, Method: chainOf(t), Seed: t.Seed, Hash: t.Hash}
		for _, s := range t.Settings {
			pt.Settings = append(pt.Settings, results.Setting{Path: s.Path, Value: s.Value})
		}
		p.Trials = append(p.Trials, pt)
	}
	return p
}
