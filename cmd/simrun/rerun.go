package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

// rerun does the work of a run again, or of a fork that which is its own, and compares every
// line. Nothing is written in its folder.
func (p *performance) rerun(ctx context.Context, dir string) (err error) {
	if err := p.known(ctx, dir); err != nil {
		return err
	}
	ctx, fail := failing(ctx)
	defer fail(nil)
	scratch, err := os.MkdirTemp("", "simrun-again-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	if err := p.engine.open(&p.how.mesh, dir, results.SpoolDir(scratch), p.stock, p.how.warner(p.show), fail); err != nil {
		return err
	}
	defer func() { err = errors.Join(because(ctx, err), p.engine.close()) }()
	for i, t := range p.trials {
		p.show.begin(i+1, len(p.trials), t.Name)
		if err := p.again(ctx, dir, i, -1, nil); err != nil {
			return fmt.Errorf("trial %s (%s): %w", results.TrialID(i), t.Name, err)
		}
	}
	p.show.clear()
	return nil
}

// known makes the trials of a run folder again, and checks that they are what its ledgers
// say.
func (p *performance) known(ctx context.Context, dir string) (err error) {
	if p.plan, err = results.ReadPlan(dir); err != nil {
		return err
	}
	if p.trials, err = trialsOf(ctx, dir, p.plan, p.shelf); err != nil {
		return err
	}
	return hinted(p.plan, check(ctx, p.trials, p.assets, p.shelf, func(i int, head ledger.Trial) error {
		lines, err := results.Ledger(dir, i)
		if err != nil || len(lines) == 0 {
			return err
		}
		return results.SameTrial(results.TrialID(i), lines[0].Is.(ledger.Trial), head)
	}))
}

// errThere ends a trial that has come to the round that was wanted.
var errThere = errors.New("there")

// again does the work of trial number i again and compares it with its ledger: all of it
// where round is -1, else as far as that round, at which reached is given the checkpoint
// and the blobs.
func (p *performance) again(ctx context.Context, dir string, i, round int, reached func(results.Checkpoint, *blob.Store) error) (err error) {
	lines, err := results.Ledger(dir, i)
	if err != nil {
		return err
	}
	w, err := build(p.trials[i], p.assets)
	if err != nil {
		return err
	}
	from, err := p.origin(dir, i, round, lines)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "simrun-again-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	blobs, err := blob.Create(scratch)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	if from != nil {
		if err := copyBlobs(dir, blobs, from.Machine.Names()); err != nil {
			return err
		}
	}
	book, err := results.Compare(lines, from)
	if err != nil {
		return err
	}
	stop := &stopper{round: round, book: book}
	err = p.compared(ctx, w, lines, from, book, blobs, stop)
	switch {
	case round < 0 && err == nil && book.Ahead() > 0:
		return fmt.Errorf("%w: its ledger has %s more than the trial writes now", results.ErrMismatch, count(book.Ahead(), "line"))
	case round < 0 || !errors.Is(err, errThere) && err != nil:
		return err
	case stop.at == nil:
		return misuse("--round %d: at most %d was expected: trial %s has no round after so many", round, stop.most, results.TrialID(i))
	}
	return reached(*stop.at, blobs)
}

// compared runs a trial into a book that compares.
func (p *performance) compared(ctx context.Context, w *world.World, lines []ledger.Line, from *results.Checkpoint, book *results.Book, blobs *blob.Store, k coordinator.Keeper) error {
	chain, origins, err := p.shelf.methods(ctx, usesOf(w.Trial))
	if err != nil {
		return err
	}
	s := sim.Setup{World: w, Methods: chain, Plugins: origins, Blobs: blobs, Book: book.Book, Watch: p.show.watch, Keeper: k}
	if from != nil {
		s.From = &from.Machine
	}
	if len(lines) > 0 {
		s.Fork = lines[0].Is.(ledger.Trial).Fork
	}
	return p.engine.run(ctx, s)
}

// origin is where the work of a trial is begun again: the nearest checkpoint before a round,
// or with -1 that at which a fork began; nil is its start.
func (p *performance) origin(dir string, i, round int, lines []ledger.Line) (*results.Checkpoint, error) {
	fork := p.plan.Fork
	switch {
	case fork == nil && round < 0:
		return nil, nil
	case fork != nil && round >= 0 && round < fork.Round:
		return nil, misuse("--round %d: at least %d was expected: %s is itself a fork, of %s at round %d; rounds before that are to be forked from there", round, fork.Round, dir, fork.Run, fork.Round)
	}
	at := round
	if round < 0 {
		at = fork.Round
	}
	o, err := results.At(dir, i, at, lines)
	if err != nil {
		return nil, err
	}
	if fork == nil || o.From != nil {
		for _, w := range o.Warnings {
			p.warn(w)
		}
		return o.From, nil
	}
	err = fmt.Errorf("%w: the run is a fork at round %d, and has no checkpoint there that can be gone on from", results.ErrMismatch, fork.Round)
	if round >= 0 && o.Later >= 0 {
		err = fmt.Errorf("%w; it can be forked from round %d on", err, o.Later)
	}
	for _, w := range o.Warnings {
		err = fmt.Errorf("%w\n%s", err, w)
	}
	return nil, err
}

// stopper takes the checkpoint of a round, and ends the trial there.
type stopper struct {
	round int
	book  *results.Book
	at    *results.Checkpoint
	most  int // rounds after which it went on
}

// Keep is told of each round.
func (s *stopper) Keep(m *coordinator.Machine) error {
	if s.round < 0 || m.Ended() {
		return nil
	}
	if s.most = m.Round(); s.most != s.round {
		return nil
	}
	s.at = &results.Checkpoint{Lines: s.book.Len(), Hash: s.book.Hash(), Machine: m.Checkpoint()}
	return errThere
}

// copyBlobs copies blobs of a run into another store.
func copyBlobs(dir string, to *blob.Store, names []method.Blob) (err error) {
	from, err := blob.Open((&results.Folder{Dir: dir}).BlobDir())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return copyFrom(from, to, names)
}

func copyFrom(from, to *blob.Store, names []method.Blob) error {
	for _, b := range names {
		content, err := from.Bytes(b)
		if err != nil {
			return err
		}
		if got, err := to.PutBytes(content); err != nil || got != b {
			return errors.Join(err, fmt.Errorf("%w: blob %.12s… has other content", results.ErrMismatch, b))
		}
	}
	return nil
}
