package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

// performance is a plan being carried out.
type performance struct {
	asked  asked
	trials []plan.Trial
	engine *engine
	shelf  *shelf
	stock  *actors.Stock // what the assets are made of
	assets *world.Assets
	flags  *runFlags
	show   *display
	print  *printer

	folder   *results.Folder
	blobs    *blob.Store
	world    *world.World // of the present trial
	deployed *deployed    // by it so far
	warnings []string
	people   []results.Participant
	wall     []time.Duration
	started  time.Time
}

// perform checks all trials before the first begins, runs them one after the other, and
// makes the folder whole. Whatever goes wrong on the way leaves a folder that is marked
// INCOMPLETE, or none at all.
func (p *performance) perform(ctx context.Context) error {
	p.started = time.Now()
	if err := check(ctx, p.trials, p.assets, p.shelf); err != nil {
		return err
	}
	p.show.clear()
	if err := p.place(); err != nil {
		return err
	}
	err := p.all(ctx)
	if err != nil {
		return p.incomplete(because(ctx, err))
	}
	return nil
}

// place makes the run folder and the store of its blobs.
func (p *performance) place() (err error) {
	pl := planOf(p.trials)
	dir := p.flags.out
	if dir == "" {
		dir = results.DefaultDir("runs", pl)
	}
	p.folder, err = results.Create(dir, results.Contents{Scenario: p.asked.text, Resolved: resolvedText(p.trials), Plan: pl, Again: p.again()})
	if err != nil {
		return err
	}
	p.blobs, err = openBlobs(p.folder.BlobDir())
	return err
}

// all runs the trials and finishes the folder.
func (p *performance) all(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, p.blobs.Close()) }()
	ctx, fail := failing(ctx)
	defer fail(nil)
	if err := p.engine.open(&p.flags.mesh, p.folder.Dir, p.stock, p.flags.logger(p.show), fail); err != nil {
		return err
	}
	defer func() { err = errors.Join(because(ctx, err), p.engine.close()) }()
	for i, t := range p.trials {
		began := time.Now()
		p.show.begin(i+1, len(p.trials), t.Name)
		if err := p.one(ctx, i, t); err != nil {
			return fmt.Errorf("trial %s (%s): %w", results.TrialID(i), t.Name, err)
		}
		p.wall = append(p.wall, time.Since(began))
		if err := p.ended(i); err != nil {
			return err
		}
	}
	if err := p.blobs.Sync(); err != nil {
		return err
	}
	p.show.clear()
	return p.finish()
}

// one runs one trial.
func (p *performance) one(ctx context.Context, i int, t plan.Trial) (err error) {
	w, err := build(t, p.assets)
	if err != nil {
		return err
	}
	p.world, p.deployed = w, &deployed{}
	chain, from, err := p.shelf.methods(ctx, usesOf(t))
	if err != nil {
		return err
	}
	book, err := p.folder.Book(i)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	return p.engine.run(ctx, sim.Setup{World: w, Methods: overhear(chain, p.deployed), Plugins: from, Blobs: p.blobs, Book: book.Book, Watch: p.show.watch})
}

// ended reads a trial back from its ledger, which is what counts, and tells of it.
func (p *performance) ended(i int) error {
	t, err := results.ReadTrial(p.folder.Dir, results.TrialID(i))
	if err != nil {
		return err
	}
	p.people = append(p.people, peopleOf(p.world, t)...)
	if err := p.export(t); err != nil {
		return err
	}
	p.show.end(trialLine(t, p.wall[i]))
	return p.print.trial(t)
}

// export writes what the trial deployed in the end as a PEFT folder. A model that is more
// than one adapter stays in the blobs, and the report says so.
func (p *performance) export(t *results.Trial) error {
	m := p.deployed.last()
	if m == nil {
		return nil
	}
	modules, base := modulesOf(p.world, m.Base)
	err := p.folder.ExportAdapter(t.ID+"-"+t.Head.Name, *m, p.blobs, modules, base)
	if errors.Is(err, results.ErrNoExport) {
		p.warnings = append(p.warnings, fmt.Sprintf("trial %s: the deployed model is %v", t.ID, err))
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
	return fmt.Errorf("%w\n%s is marked INCOMPLETE; to run it again:\n  %s", err, p.folder.Dir, p.again())
}

// again is the command line that would run the same, quoted for a shell.
func (p *performance) again() string {
	words := []string{"simrun"}
	for _, w := range p.flags.command {
		words = append(words, quote(w))
	}
	return strings.Join(words, " ")
}

// quote makes one word of a shell's command line.
func quote(w string) string {
	if w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%") == "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// resolvedText is every trial with every default written out, as documents of one YAML
// stream. The SHA-256 of each document's text is the trial's hash.
func resolvedText(trials []plan.Trial) []byte {
	var b bytes.Buffer
	for _, t := range trials {
		fmt.Fprintf(&b, "--- # trial %s: %s\n", results.TrialID(t.Index), t.Name)
		b.Write(t.Scenario.Resolved())
	}
	return b.Bytes()
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
