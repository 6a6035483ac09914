package results

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// TrialKeeper is a [coordinator.Keeper] of one trial, with its end.
type TrialKeeper interface {
	coordinator.Keeper
	// Ended is the last checkpoint of a trial that has ended.
	Ended() *Checkpoint
	// Close ends the keeping of the trial and its ledger, whether it went well or not. What
	// the disk is at work on after the end of a trial it may be at work on still: see
	// [Keeping.Close].
	Close() error
}

// trialKeeper keeps the checkpoints of one trial.
type trialKeeper struct {
	*Keeping
	newest
	id    string
	book  *Book
	began time.Time
	spent time.Duration // wall, before began

	epochs []epoch     // in which work may still be putting its results, the oldest first
	end    *Checkpoint // once the trial has ended
}

// epoch is a generation of the store, in which the leases after a turn put what they make.
type epoch struct{ after, generation int }

// Trial returns the keeper of trial number i, whose ledger is book. from is where it goes
// on; nil is its start. bases are blobs to be kept in any case.
func (k *Keeping) Trial(i int, book *Book, from *Checkpoint, bases []method.Blob) TrialKeeper {
	t := &trialKeeper{Keeping: k, id: TrialID(i), book: book, began: time.Now()}
	clear(k.fixed)
	for _, b := range bases {
		k.fixed[b] = true
	}
	t.epochs = []epoch{{after: -1, generation: k.blobs.Generation()}}
	if from != nil {
		t.spent = time.Duration(from.WallSec * float64(time.Second))
		t.base = kept{filepath.Join(checkpointPath(k.folder.Dir, t.id), from.file()), from.Machine.Round}
	}
	if t.last = t.base; k.journal != nil {
		book.fresh = &fresh{first: book.Len()}
	}
	return t
}

func (t *trialKeeper) Ended() *Checkpoint { return t.end }

func (t *trialKeeper) Close() error {
	if t.end != nil {
		return nil // the ledger is closed when its end is on the disk
	}
	failed := t.Wait()
	if err := t.book.Close(); err != nil { // the journal alone may have the last lines
		return errors.Join(failed, err)
	}
	return errors.Join(failed, t.leave())
}

// Keep begins a checkpoint where the policy asks for one, the last has become old, or much has been
// stored since. What went wrong with one before ends the trial here.
func (t *trialKeeper) Keep(m *coordinator.Machine) error {
	if t.out.landed() {
		if err := t.Wait(); err != nil {
			return err
		}
	}
	old := t.out == nil && time.Since(t.done) > thrift*t.cost || t.blobs.Grown() >= HeapBytes
	if !(old && m.Round() > 0) && !m.Ended() && !t.keep.due(m.Round()) { // the start needs none
		return nil
	}
	if err := t.Wait(); err != nil {
		return err
	}
	began := time.Now()
	c := Checkpoint{Lines: t.book.Len(), Hash: t.book.Hash(), WallSec: (t.spent + time.Since(t.began)).Seconds(), Machine: m.Checkpoint()}
	if err := t.send(m, c, began); err != nil {
		return err
	}
	if c.Machine.Ended {
		t.end = &c
	}
	return nil
}

// send has the disk write all that a checkpoint speaks of, then the checkpoint itself. Only
// when that is there what it replaces is let go of.
func (t *trialKeeper) send(m *coordinator.Machine, c Checkpoint, began time.Time) error {
	before, err := t.collect(m)
	if err != nil {
		return err
	}
	if err := t.book.flush(); err != nil {
		return err
	}
	p := &passage{id: t.id, of: &t.newest, path: filepath.Join(checkpointPath(t.folder.Dir, t.id), c.file()), checkpoint: c, before: before,
		lines: t.book.fresh.take(c.Lines), files: c.Machine.Ended || t.keep.stays(c.Machine.Round),
		keeping: t.Keeping, ledger: t.book.settle, over: make(chan struct{})}
	if c.Machine.Ended {
		p.ledger = t.book.Close
	}
	if b := t.base; b.path != "" && b.path != p.path && !t.keep.stays(b.round) && b.round != t.origin {
		p.replaces = b.path
	}
	p.stay = slices.Collect(maps.Keys(t.fixed))
	t.set(p, began)
	return nil
}

// collect goes on to the next generation, and says before which nobody can be writing any more:
// those are retired. Blobs that were put since the last checkpoint are left where they are, since
// the next one may name them: it moves them, or the checkpoint after it lets them go. A lease
// that has not been answered may have stored what it made, and not reported it yet; all since it
// was given out waits for it.
func (t *trialKeeper) collect(m *coordinator.Machine) (before int, err error) {
	for len(t.epochs) > 1 && t.epochs[1].after < m.Awaited() {
		t.epochs = t.epochs[1:]
	}
	before = t.epochs[0].generation
	generation, err := t.blobs.NextGeneration()
	t.epochs = append(t.epochs, epoch{after: m.Turn(), generation: generation})
	return before, err
}
