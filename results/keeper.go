package results

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// thrift is how many times as long as a checkpoint took the work between two must take at
// least, so that checkpoints cost no more than a hundredth of a run.
const thrift = 100

// firstCost is what a checkpoint is taken to cost before one was written.
const firstCost = 10 * time.Millisecond

// Keeping writes the checkpoints of a run, and lets go of the blobs that neither they nor
// the present need.
type Keeping struct {
	folder *Folder
	blobs  *blob.Store
	keep   Keep
	origin int                      // round at which a fork began, whose checkpoint stays; -1: it is none
	held   map[string][]method.Blob // by path: what the checkpoints on disk name
	names  map[method.Blob]int      // how many of them name it

	done time.Time     // when the last was written
	cost time.Duration // wall, of the last

	Spent time.Duration // wall, on checkpoints so far
}

// Keeping returns the keeping of a run whose folder may hold checkpoints already.
func (f *Folder) Keeping(blobs *blob.Store, keep Keep) (*Keeping, error) {
	k := &Keeping{folder: f, blobs: blobs, keep: keep, held: map[string][]method.Blob{}, names: map[method.Blob]int{},
		done: time.Now(), cost: firstCost, origin: -1}
	plan, err := readPlan(f.Dir)
	if err != nil {
		return nil, err
	}
	if plan.Fork != nil {
		k.origin = plan.Fork.Round
	}
	for _, t := range plan.Trials {
		all, _, err := readCheckpoints(f.Dir, t.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			k.note(filepath.Join(checkpointPath(f.Dir, t.ID), c.file()), c.Machine.Names())
		}
	}
	return k, nil
}

// trialKeeper keeps the checkpoints of one trial.
type trialKeeper struct {
	*Keeping
	id    string
	book  *Book
	fixed map[method.Blob]bool // bases, which outlive the trial
	began time.Time
	spent time.Duration // wall, before began

	epochs []epoch // in which work may still be putting its results, the oldest first

	last  string      // path of the newest on disk; "": none
	round int         // of it
	End   *Checkpoint // once the trial has ended
}

// epoch is a generation of the store, in which the leases after a turn put what they make.
type epoch struct{ after, generation int }

// TrialKeeper is a [coordinator.Keeper] of one trial, with its end.
type TrialKeeper interface {
	coordinator.Keeper
	// Ended is the last checkpoint of a trial that has ended.
	Ended() *Checkpoint
}

// Trial returns the keeper of trial number i, whose ledger is book. from is where it goes
// on; nil is its start. bases are blobs to be kept in any case.
func (k *Keeping) Trial(i int, book *Book, from *Checkpoint, bases []method.Blob) TrialKeeper {
	t := &trialKeeper{Keeping: k, id: TrialID(i), book: book, fixed: map[method.Blob]bool{}, began: time.Now()}
	for _, b := range bases {
		t.fixed[b] = true
	}
	t.epochs = []epoch{{after: -1, generation: k.blobs.Generation()}}
	if from != nil {
		t.spent = time.Duration(from.WallSec * float64(time.Second))
		t.last, t.round = filepath.Join(checkpointPath(k.folder.Dir, t.id), from.file()), from.Machine.Round
	}
	return t
}

func (t *trialKeeper) Ended() *Checkpoint { return t.End }

// Keep writes a checkpoint where the policy asks for one, or the last has become old.
func (t *trialKeeper) Keep(m *coordinator.Machine) error {
	old := m.Round() > 0 && time.Since(t.done) > thrift*t.cost // the start needs none
	if !old && !m.Ended() && !t.keep.stays(m.Round()) {
		return nil
	}
	began := time.Now()
	c := Checkpoint{Lines: t.book.Len(), Hash: t.book.Hash(), WallSec: (t.spent + time.Since(t.began)).Seconds(), Machine: m.Checkpoint()}
	if err := t.write(m, c); err != nil {
		return err
	}
	if c.Machine.Ended {
		t.End = &c
	}
	t.done = time.Now()
	t.cost = t.done.Sub(began)
	t.Spent += t.cost
	return nil
}

// write puts all that a checkpoint speaks of on the disk, then the checkpoint itself, and
// only then lets go of what it replaces.
func (t *trialKeeper) write(m *coordinator.Machine, c Checkpoint) error {
	if err := errors.Join(t.blobs.Sync(), t.book.Sync()); err != nil {
		return err
	}
	b, err := c.encode()
	if err != nil {
		return err
	}
	dir := checkpointPath(t.folder.Dir, t.id)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, c.file())
	if err := WriteFile(path, b); err != nil {
		return err
	}
	t.note(path, c.Machine.Names())
	if t.last != "" && t.last != path && !t.keep.stays(t.round) && t.round != t.origin {
		if err := t.forget(t.last); err != nil {
			return err
		}
	}
	t.last, t.round = path, c.Machine.Round
	return t.collect(m)
}

func (k *Keeping) note(path string, names []method.Blob) {
	k.held[path] = names
	for _, b := range names {
		k.names[b]++
	}
}

func (k *Keeping) forget(path string) error {
	for _, b := range k.held[path] {
		if k.names[b]--; k.names[b] == 0 {
			delete(k.names, b)
		}
	}
	delete(k.held, path)
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// collect ends the generation in which blobs were written since the last checkpoint, and
// retires those in which nobody can be writing: what a checkpoint names moves to what
// stays, and the rest goes. A lease that has not been answered may have stored what it made,
// and not reported it yet; all since it was given out waits for it.
func (t *trialKeeper) collect(m *coordinator.Machine) error {
	generation, err := t.blobs.NewGeneration()
	if err != nil {
		return err
	}
	t.epochs = append(t.epochs, epoch{after: m.Turn(), generation: generation})
	for len(t.epochs) > 1 && t.epochs[1].after < m.Awaited() {
		t.epochs = t.epochs[1:]
	}
	_, err = t.blobs.Retire(t.epochs[0].generation, func(b method.Blob) bool { return t.names[b] > 0 || t.fixed[b] })
	return err
}
