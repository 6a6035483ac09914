package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

// one runs one trial, or what is left of it; of one that has ended only the results are made.
func (p *performance) one(ctx context.Context, i int, t plan.Trial) (err error) {
	w, err := build(t, p.assets)
	if err != nil {
		return err
	}
	for _, text := range w.Streams() {
		if !slices.Contains(p.streams, text) {
			p.show.say("%s", text)
			p.streams = append(p.streams, text)
		}
	}
	for _, note := range w.Notes() {
		if !slices.Contains(p.warnings, note) {
			p.warn(note)
		}
	}
	end := p.standing[i].From
	if !p.standing[i].Done() {
		if end, err = p.play(ctx, i, w); err != nil {
			return err
		}
	}
	return p.ended(i, w, end)
}

// play carries a trial out from where it stands, and returns its last checkpoint.
func (p *performance) play(ctx context.Context, i int, w *world.World) (end *results.Checkpoint, err error) {
	chain, from, err := p.shelf.methods(ctx, usesOf(w.Trial))
	if err != nil {
		return nil, err
	}
	at := p.standing[i].From
	book, cut, err := p.folder.Book(i, at)
	if err != nil {
		return nil, err
	}
	keeper := p.keeping.Trial(i, book, at, basesOf(w))
	defer func() { err = errors.Join(err, keeper.Close()) }()
	if cut != "" {
		p.warn(fmt.Sprintf("trial %s: %s", results.TrialID(i), cut))
	}
	s := sim.Setup{World: w, Methods: chain, Plugins: from, Blobs: p.blobs, Book: book.Book, Watch: p.show.watch, Keeper: keeper, Fork: forkOf(p.standing[i])}
	if at != nil {
		if err := p.blobs.VerifyStored(at.Machine.Names()); err != nil {
			return nil, fmt.Errorf("%w: the checkpoint cannot be gone on from: %w; bring that file back, or run the scenario anew", results.ErrMismatch, err)
		}
		s.From = &at.Machine
	}
	if err := p.engine.run(ctx, s); err != nil {
		return nil, err
	}
	if n := book.Ahead(); n > 0 {
		return nil, fmt.Errorf("%w: its ledger has %s more than the trial writes now", results.ErrMismatch, count(n, "line"))
	}
	return keeper.Ended(), nil
}

// warn tells of something that the host met on the way, now and in the manifest.
func (p *performance) warn(text string) {
	p.show.say("%s", text)
	p.warnings = append(p.warnings, text)
}

// forkOf is what the ledger of a trial that was begun says of its origin.
func forkOf(s results.Standing) *ledger.Fork {
	if s.Head == nil {
		return nil
	}
	return s.Head.Fork
}

// basesOf are the blobs of a world's bases, which methods may open at any time.
func basesOf(w *world.World) []method.Blob {
	var out []method.Blob
	for _, b := range w.Bases {
		out = append(out, b.Blob)
	}
	return out
}

// ended reads a trial back from its ledger, which is what counts, and tells of it.
func (p *performance) ended(i int, w *world.World, end *results.Checkpoint) error {
	t, err := results.ReadTrial(p.folder.Dir, results.TrialID(i))
	if err != nil {
		return err
	}
	p.people = append(p.people, peopleOf(w, t)...)
	p.wall = append(p.wall, time.Duration(end.WallSec*float64(time.Second)))
	if err := p.export(t, w, end.Machine.Deployed()); err != nil {
		return err
	}
	p.show.end(trialLine(t, p.wall[i]))
	return p.print.trial(t)
}

// export writes what the trial deployed in the end as a PEFT folder. A model that is more
// than one adapter stays in the blobs, and the report says so.
func (p *performance) export(t *results.Trial, w *world.World, m method.Model) error {
	if len(m.Attach) == 0 && len(m.Routers) == 0 {
		return nil // users are answered by the base
	}
	modules, base, dress := modulesOf(w, m.Base)
	err := p.folder.ExportAdapter(t.ID+"-"+t.Head.Name, m, p.blobs, modules, base, dress)
	if errors.Is(err, results.ErrNoExport) {
		p.warnings = append(p.warnings, fmt.Sprintf("the model that %s deployed is %v", t.Method(), err))
		return nil
	}
	return err
}

// usesOf names the methods of a trial's chain.
func usesOf(t plan.Trial) []string {
	names := make([]string, len(t.Scenario.Method))
	for i, m := range t.Scenario.Method {
		names[i] = m.Use
	}
	return names
}

func chainOf(t plan.Trial) string { return strings.Join(usesOf(t), " → ") }
