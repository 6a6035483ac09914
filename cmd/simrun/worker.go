package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
)

// workerFlags are those of "simrun worker".
type workerFlags struct {
	broker brokerFlags
	name   string
	slots  int
	warm   int
	bound  string // the run that started it, by its crew; "": none
	quiet  bool
	storm  stormFlag
}

func newWorker() *cobra.Command {
	f := &workerFlags{}
	c := &cobra.Command{
		Use:   "worker --nats URL",
		Short: "work for runs, in a process of its own on this or any machine",
		Long: `Work for the runs of a NATS broker: pull leases, train, report, until Ctrl-C or SIGTERM. Workers
come and go as they like; killed at any moment they cost time and change no result.

A worker gets the scenario from the run, and the base and the data by content: from
this machine where the run is of this machine, from its cache, or from the run. It
runs no code that is not in its own binary. Workers of a broker that several runs share
spread over them; where they are fewer than the runs, they take turns of half a minute
or more.`,
		Example: "  simrun worker --nats nats://broker:4222 --creds me.creds\n  simrun worker --nats nats://broker:4222 --token-file token --slots 8",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return f.work(c) },
	}
	f.broker.flags(c)
	c.Flags().StringVar(&f.name, "name", "", "name in messages: letters, digits, dashes, unlike any other worker's (default: made up)")
	c.Flags().IntVar(&f.slots, "slots", runtime.NumCPU(), "participants that work at once")
	c.Flags().IntVar(&f.warm, "warm", 0, "participants that stay awake with nothing to do (default 256)")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "say nothing but errors")
	c.Flags().StringVar(&f.bound, "bound", "", "work for this run alone, and end when stdin does: for workers that a run starts itself")
	if err := c.Flags().MarkHidden("bound"); err != nil {
		panic(err) // the flag is defined a line above
	}
	f.storm.flag(c)
	return c
}

func (f *workerFlags) work(c *cobra.Command) error {
	if !f.broker.given() {
		return misuse("--nats is missing: where is the broker?")
	}
	if err := checkHands(f.slots, f.warm, 0); err != nil {
		return err
	}
	if f.name != "" && !mesh.Named(f.name) {
		return misuse("--name %q: up to 64 letters, digits and dashes were expected", f.name)
	}
	address, err := f.broker.broker()
	if err != nil {
		return err
	}
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	ctx := c.Context()
	if f.bound != "" {
		ctx = bound(ctx, c.InOrStdin())
	}
	level := slog.LevelInfo
	if f.quiet {
		level = slog.LevelError
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
	weather, clock, err := f.storm.weather(f.name)
	if err != nil {
		return err
	}
	err = actors.Work(ctx, actors.WorkOptions{Broker: address, Name: f.name, Only: f.bound, Weather: weather, Clock: clock, Slots: f.slots, Warm: f.warm,
		Files: newFiles(), Cache: diskCache{cache}, Log: log})
	if errors.Is(err, errUnbound) {
		return nil
	}
	if errors.Is(err, actors.ErrName) {
		return misuse("%v", err)
	}
	return asMisuse(err)
}

// errUnbound is the cause that ends a worker whose run has ended.
var errUnbound = errors.New("the run that started this worker has ended")

// bound is a context that lives as long as whoever holds the other end of stdin, however
// that ends. It is deaf to Ctrl-C already ([endings]).
func bound(ctx context.Context, stdin io.Reader) context.Context {
	ctx, end := context.WithCancelCause(ctx)
	go func() {
		_, err := io.Copy(io.Discard, stdin)
		end(errors.Join(errUnbound, err))
	}()
	return ctx
}
