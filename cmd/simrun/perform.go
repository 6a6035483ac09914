package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
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

// finish writes what is made of the ledgers, and the manifest last.
func (p *performance) finish() error {
	if err := p.folder.WriteParticipants(p.people); err != nil {
		return err
	}
	m, err := p.folder.Manifest(p.made(), p.wall, p.warnings)
	if err != nil {
		return err
	}
	m.Streams = p.streams
	r, err := results.Read(p.folder.Dir)
	if err != nil {
		return err
	}
	r.Manifest = m
	if err := r.Rewrite(); err != nil {
		return err
	}
	if err := report.Write(r); err != nil {
		return err
	}
	if err := p.folder.Finish(m); err != nil {
		return err
	}
	return p.print.run(r)
}

// incomplete tells where the unfinished folder is and how to go on.
func (p *performance) incomplete(err error) error {
	p.show.clear()
	_, gone := os.Stat(p.folder.Dir)
	switch {
	case gone != nil && (errors.Is(err, errInterrupted) || errors.Is(err, errTimeout)):
		return fmt.Errorf("%w\n%s is gone", err, p.folder.Dir)
	case gone != nil: // then nobody else is at fault, whoever looked first
		return fmt.Errorf("%w: %v\nwas it moved? where it is now, \"simrun resume\" goes on with it", gone, err)
	}
	return fmt.Errorf("%w\n%s is marked INCOMPLETE; to go on with it:\n  %s", err, p.folder.Dir, results.ResumeCommand(quote(p.folder.Dir), p.shelf.again()...))
}

// quote makes one word of a shell's command line.
func quote(w string) string {
	if w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%") == "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
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
