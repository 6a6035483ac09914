package main

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/sim/data"
)

// howFlags are how trials are carried out; commands that run any share them. None of them
// changes what is computed.
type howFlags struct {
	engine  string
	mesh    meshFlags
	methods methodFlags
	timeout time.Duration
	output  string
	verbose bool
	quiet   bool
}

func (f *howFlags) flags(c *cobra.Command) {
	f.methods.flags(c)
	c.Flags().StringVar(&f.engine, "engine", "actors", "actors, or inline: one goroutine, the reference")
	c.Flags().IntVar(&f.mesh.warm, "warm", 0, "participants with nothing to do that stay awake, about 4 kB each, in each process that works (default 256)")
	c.Flags().IntVar(&f.mesh.slots, "slots", runtime.NumCPU(), "participants that work at once; with --workers in each, if not given its share of the cores")
	c.Flags().IntVar(&f.mesh.workers, "workers", 0, "start so many worker processes, and work in them")
	c.Flags().BoolVar(&f.mesh.listen, "listen", false, "open a port on the loopback, for \"simrun inspect\", \"top\" and workers")
	f.mesh.broker.flags(c)
	f.mesh.storm.flag(c)
	c.Flags().DurationVar(&f.timeout, "timeout", 0, "stop after so long, as in 10m (exit code 3)")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log what plugins say")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	f.output = "table"
}

// outputFlag is for those that print what came of a run.
func (f *howFlags) outputFlag(c *cobra.Command) {
	c.Flags().StringVarP(&f.output, "output", "o", f.output, "table, json (one object), or jsonl (a line per trial as it ends)")
}

// with readies all that carries trials out, reading files from there, has do use it, and puts it
// away.
func (f *howFlags) with(c *cobra.Command, from data.Files, do func(context.Context, *performance) error) (err error) {
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	defer func() { err = because(ctx, err) }()

	if err := f.check(c); err != nil {
		return err
	}
	show := newDisplay(c.ErrOrStderr(), f.quiet)
	defer show.clear()
	shelf, err := f.methods.shelf(f.logger(show))
	if err != nil {
		return err
	}
	defer func() { _ = shelf.close() }()
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	stock := actors.NewStock(from, diskCache{cache})
	assets := newAssets(ctx, stock, show)
	if f.mesh.doors() {
		assets.Sharing(stock.Sharing(f.warner(show)))
	}
	return do(ctx, &performance{engine: &engine{name: f.engine, slots: f.mesh.slots}, how: f, shelf: shelf, show: show, stock: stock,
		assets: assets, print: newPrinter(c.OutOrStdout(), f.output), started: time.Now()})
}

// check refuses flags whose values say nothing.
func (f *howFlags) check(c *cobra.Command) error {
	switch {
	case f.engine != "actors" && f.engine != "inline":
		return misuse("--engine %s: actors or inline was expected", f.engine)
	case !slices.Contains([]string{"table", "json", "jsonl"}, f.output):
		return misuse("--output %s: table, json or jsonl was expected", f.output)
	case c.Flags().Changed("timeout") && f.timeout <= 0:
		return misuse("--timeout %s: more than 0 was expected; leave it out for no limit", f.timeout)
	}
	return f.mesh.check(f.engine, c.Flags().Changed("slots"))
}

// deadline adds --timeout to a context.
func (f *howFlags) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.timeout, errTimeout)
}

// warner is a logger of which warnings are seen without -v, too.
func (f *howFlags) warner(show *display) *slog.Logger {
	if f.verbose {
		return f.logger(show)
	}
	return slog.New(&notices{show: show, told: map[string]bool{}})
}

// logger goes to stderr with -v, and nowhere without.
func (f *howFlags) logger(show *display) *slog.Logger {
	if !f.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(show, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
