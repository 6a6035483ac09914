package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

// performance is a plan being carried out.
type performance struct {
	text    []byte // of the scenario, as written
	plan    results.Plan
	trials  []plan.Trial
	engine  *engine
	shelf   *shelf
	stock   *actors.Stock // what the assets are made of
	assets  *world.Assets
	how     *howFlags
	keep    results.Keep
	anyRoom bool // the disk is not looked at
	show    *display
	print   *printer

	folder   *results.Folder
	standing []results.Standing // of each trial, where the run goes on with an interrupted one; nil: it begins
	keeping  *results.Keeping
	blobs    *blob.Store
	warnings []string
	streams  []string // of tasks, in words
	people   []results.Participant
	wall     []time.Duration
	started  time.Time
}

// perform checks all trials before the first begins, runs them one after the other, and
// makes the folder whole. Whatever goes wrong on the way leaves a folder that is marked
// INCOMPLETE, or none at all.
func (p *performance) perform(ctx context.Context, dir string) (err error) {
	p.started = time.Now()
	if err := check(ctx, p.trials, p.assets, p.shelf, nil); err != nil {
		return err
	}
	p.show.clear()
	if dir == "" {
		dir = results.DefaultDir("runs", p.plan)
	}
	if err := p.room(ctx, dir, 0); err != nil {
		return err
	}
	if err := p.place(dir, nil); err != nil {
		return err
	}
	p.standing = make([]results.Standing, len(p.trials))
	return p.carryOut(ctx)
}

// room checks that the disk has room for what the run may write, beside what it has written.
func (p *performance) room(ctx context.Context, dir string, written int64) error {
	if p.anyRoom {
		return nil
	}
	c, err := costOf(ctx, p.trials, p.assets, p.shelf, disk{keep: p.keep, standing: p.standing})
	if err != nil {
		return err
	}
	return c.roomy(dir, written)
}

// carryOut runs what is left to run in a folder that is ours.
func (p *performance) carryOut(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, p.folder.Release()) }()
	if p.blobs, err = blob.Open(p.folder.BlobDir()); err != nil {
		return p.incomplete(err)
	}
	if p.keeping, err = p.folder.Keeping(p.blobs, p.keep); err != nil {
		return p.incomplete(errors.Join(err, p.blobs.Close()))
	}
	if err := p.all(ctx); err != nil {
		return p.incomplete(because(ctx, err))
	}
	return nil
}

// place makes the run folder; prepare, which may be nil, fills it.
func (p *performance) place(dir string, prepare func(*results.Folder) error) (err error) {
	if dir == "" {
		dir = results.DefaultDir("runs", p.plan)
	}
	p.folder, err = results.Create(dir, results.Contents{Scenario: p.text, Resolved: resolvedText(p.plan, p.trials), Plan: p.plan, Flags: p.shelf.again(), Prepare: prepare})
	return err
}

// resolvedText is every trial with every choice and default written out.
func resolvedText(p results.Plan, trials []plan.Trial) []byte {
	texts := make([][]byte, len(trials))
	for i, t := range trials {
		texts[i] = t.Scenario.Resolved()
	}
	return results.ResolvedText(p, texts)
}

// all runs the trials and finishes the folder.
func (p *performance) all(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, p.keeping.Wait(), p.blobs.Close()) }()
	ctx, fail := failing(ctx)
	defer fail(nil)
	p.how.mesh.serving = p.shelf.serving
	if err := p.engine.open(&p.how.mesh, p.folder.Dir, results.SpoolDir(p.folder.Dir), p.stock, p.how.warner(p.show), fail); err != nil {
		return err
	}
	defer func() { err = errors.Join(because(ctx, err), p.engine.close()) }()
	for i, t := range p.trials {
		p.show.begin(i+1, len(p.trials), t.Name)
		if err := p.one(ctx, i, t); err != nil {
			return fmt.Errorf("trial %s (%s): %w", results.TrialID(i), t.Name, err)
		}
	}
	if err := p.keeping.Close(); err != nil {
		return err
	}
	p.show.clear()
	return p.finish()
}
