package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
)

// meshFlags say where the participants of a run work: in this process, in others of this
// machine, or wherever workers come from. None of them changes what is computed.
type meshFlags struct {
	slots   int
	warm    int
	workers int
	listen  bool
	broker  brokerFlags
	address mesh.Address
	storm   stormFlag
	serving func() []actors.Serving // processes that serve methods; nil: none
	null    bool                    // nothing is trained; see "simrun bench null"
}

// check settles what the flags leave open; slots says whether --slots was given.
func (f *meshFlags) check(engine string, slots bool) error {
	if err := checkHands(f.slots, f.warm, f.workers); err != nil {
		return err
	}
	switch {
	case engine == "inline" && (f.workers > 0 || f.listen || f.broker.given()):
		return misuse("--engine inline works in one goroutine; leave it out, or --workers, --listen and --nats")
	case f.listen && f.broker.given():
		return misuse("--listen opens a port of this process, and --nats names a broker elsewhere: one of the two")
	}
	if f.workers > 0 && !slots {
		f.slots = max(1, runtime.NumCPU()/f.workers)
	}
	if f.broker.given() {
		return f.knock()
	}
	return f.broker.checkAlone()
}

// maxWorkers bounds the processes that a run starts itself.
const maxWorkers = 1024

// checkHands refuses numbers that no process can work by.
func checkHands(slots, warm, workers int) error {
	switch {
	case workers < 0 || workers > maxWorkers:
		return misuse("--workers %d: 0 to %d were expected", workers, maxWorkers)
	case slots < 1 || slots > actors.MaxSlots:
		return misuse("--slots %d: 1 to %d were expected", slots, actors.MaxSlots)
	case warm < 0:
		return misuse("--warm %d: at least 0 was expected", warm)
	}
	return nil
}

// knock looks whether the broker opens, before anything is read, trained or written.
func (f *meshFlags) knock() (err error) {
	if f.address, err = f.broker.broker(); err != nil {
		return err
	}
	line, err := visit(f.address)
	if err != nil {
		return err
	}
	line.Close()
	return nil
}

// here is how many slots this process has.
func (f *meshFlags) here() int {
	if f.workers > 0 || f.broker.given() {
		return 0
	}
	return f.slots
}

// doors says whether workers of other processes can come.
func (f *meshFlags) doors() bool { return f.workers > 0 || f.listen || f.broker.given() }

// company is a crew with the workers that this run started for it.
type company struct {
	*actors.Crew
	workers  *crewmen
	withdraw func() error
	lookout  func() // ends the wait for workers of others; nil: none are needed
}

// gather opens a crew for a run in a folder, and starts its workers.
func gather(f *meshFlags, runDir, spool string, stock *actors.Stock, log *slog.Logger, fail func(error)) (c *company, err error) {
	o := actors.Options{Slots: f.here(), Warm: f.warm, Listen: f.listen || f.workers > 0 && !f.broker.given(), Broker: f.address, Stock: stock, Serving: f.serving, Null: f.null, Log: log}
	if o.Weather, o.Clock, err = f.storm.weather("coordinator"); err != nil {
		return nil, err
	}
	if f.doors() {
		there, err := filepath.Abs(runDir)
		if err != nil {
			return nil, err
		}
		o.Spool, o.Folder = spool, filepath.Base(there)
	}
	c = &company{}
	if c.Crew, err = actors.Open(o); err != nil {
		return nil, asMisuse(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if !f.doors() {
		return c, nil
	}
	var l live
	if l, c.withdraw, err = announce(c.Name(), runDir, c.Address()); err != nil {
		return c, err
	}
	if f.here() == 0 && f.workers == 0 {
		c.lookout = c.look(log, f.address.URL)
	}
	if f.workers > 0 {
		c.workers, err = hire(c.Crew, f.workers, f.slots, slices.Concat(l.flags(), f.storm.flags(), []string{"--warm", fmt.Sprint(f.warm)}), f.broker.given(), log, fail)
	}
	return c, err
}

// alone is how long a run waits for its first worker before it says so.
const alone = 3 * time.Second

// look warns if nobody comes to work; what it returns ends that.
func (c *company) look(log *slog.Logger, url string) (end func()) {
	ctx, cancel := context.WithTimeout(context.Background(), alone)
	var done sync.WaitGroup
	done.Go(func() {
		if err := c.await(ctx, 1); errors.Is(err, context.DeadlineExceeded) {
			log.Warn("no worker has come yet: start one, here or elsewhere, by simrun worker --nats " + url + " and what opens it")
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}

// await waits until so many workers are at the broker.
func (c *company) await(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	conn, err := visit(c.Address())
	if err != nil {
		return err
	}
	defer conn.Close()
	for ctx.Err() == nil {
		seen := 0
		if err := each(ctx, conn, mesh.WorkerService, func(mesh.Shown) error { seen++; return nil }); err != nil && !errors.Is(err, mesh.ErrLost) {
			return err
		}
		if seen >= n {
			return nil
		}
	}
	return context.Cause(ctx)
}

// close sends the workers home and ends the crew.
func (c *company) close() error {
	if c.lookout != nil {
		c.lookout()
	}
	if c.workers != nil {
		c.workers.dismiss()
	}
	var err error
	if c.withdraw != nil { // before its broker goes: who finds that gone looks whether the run is
		err = c.withdraw()
	}
	c.Crew.Close()
	return err
}

// failing is a context that whoever runs beside can end with an error.
func failing(ctx context.Context) (context.Context, func(error)) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, func(err error) { cancel(err) }
}
