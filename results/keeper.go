package results

import (
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
)

// thrift is how many times as long as a checkpoint took the work between two must take at
// least, so that checkpoints cost no more than a hundredth of a run.
const thrift = 100

// firstCost is what a checkpoint is taken to cost before one was written.
const firstCost = 10 * time.Millisecond

// HeapBytes may be stored between two checkpoints, however young the last is: what nobody needs any
// more lies on the disk until the one after the next.
const HeapBytes = 32 << 20

// Keeping writes the checkpoints of a run, and lets go of the blobs that neither they nor
// the present need. The disk works on a checkpoint while the run goes on; it counts once it
// is there, and what counted before stays until then. So at any moment there is one to go
// on from. It is told of rounds by one goroutine at a time.
type Keeping struct {
	folder *Folder
	blobs  *blob.Store
	keep   Keep
	origin int                      // round at which a fork began, whose checkpoint stays; -1: it is none
	held   map[string][]method.Blob // by path: what the checkpoints on disk name
	names  map[method.Blob]int      // how many of them name it
	fixed  map[method.Blob]bool     // bases, which outlive their trial

	journal *journal // nil: checkpoints are too rare for one

	out  *passage      // the checkpoint that is on its way to the disk; nil: none is
	done time.Time     // when the last was begun
	cost time.Duration // wall, of the last: the run's time and the disk's

	Stood time.Duration // wall that the run stood still for checkpoints
	Disk  time.Duration // wall that the disk worked on them, meanwhile
}

// kept is a checkpoint that counts.
type kept struct {
	path  string // "": none
	round int
}

// newest are those of a trial. The disk may be at work on the last of one when the next has begun, so each has
// its own.
type newest struct {
	last kept // of all
	base kept // of those that are files
}

// Keeping returns the keeping of a run whose folder may hold checkpoints already.
func (f *Folder) Keeping(blobs *blob.Store, keep Keep) (*Keeping, error) {
	k := &Keeping{folder: f, blobs: blobs, keep: keep, held: map[string][]method.Blob{}, names: map[method.Blob]int{},
		fixed: map[method.Blob]bool{}, done: time.Now(), cost: firstCost, origin: -1}
	if keep.Each { // any other keeping has the work between two take a hundred times as long as they do
		k.journal = &journal{disk: f.disk(), path: f.path(journalFile), room: JournalBytes, most: recordBytes, has: map[method.Blob]bool{}}
	}
	blobs.On(f.disk())
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

// Close waits for the disk, and lets go of all that no checkpoint names, and of what a process
// that was killed has left over. Nobody is at work any more.
func (k *Keeping) Close() error {
	if err := k.Wait(); err != nil {
		return err
	}
	generation, err := k.blobs.NewGeneration()
	if err != nil {
		return err
	}
	return errors.Join(k.retire(generation, slices.Collect(maps.Keys(k.fixed))), k.blobs.Sweep())
}

// retire ends the generations before one: what a checkpoint on the disk names stays, and
// what else is named here.
func (k *Keeping) retire(before int, also []method.Blob) error {
	coming := make(map[method.Blob]bool, len(also))
	for _, b := range also {
		coming[b] = true
	}
	_, err := k.blobs.Retire(before, func(b method.Blob) bool { return k.names[b] > 0 || coming[b] })
	return err
}

// note is of one that is there. A trial that goes on writes that from which it does anew.
func (k *Keeping) note(path string, names []method.Blob) {
	k.forget(path)
	k.held[path] = names
	for _, b := range names {
		k.names[b]++
	}
}

// forget is of one whose file is gone.
func (k *Keeping) forget(path string) {
	for _, b := range k.held[path] {
		if k.names[b]--; k.names[b] == 0 {
			delete(k.names, b)
		}
	}
	delete(k.held, path)
}

// count has a checkpoint count that is on the disk. What it replaces does no more: of files and
// records a trial has one each, beside those that stay.
func (k *Keeping) count(p *passage) {
	of := p.of
	if of.last != of.base { // the newest was a record
		k.forget(of.last.path)
	}
	k.note(p.path, p.names)
	of.last = kept{p.path, p.checkpoint.Machine.Round}
	if p.taken {
		return
	}
	of.base = of.last
	k.forget(p.replaces)
}

// leave has the newest checkpoint be a file, where it is a record, and removes the journal: whoever
// looks into the folder finds all as if there had been none. The ledger is closed.
func (k *Keeping) leave() error {
	if k.journal == nil {
		return nil
	}
	if p := k.journal.open; p != nil {
		p.ledger = func() error { return nil }
		p.taken = false
		if err := p.settle(); err != nil {
			return err
		}
		k.count(p)
	}
	return k.journal.end()
}
