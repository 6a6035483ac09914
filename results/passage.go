package results

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
)

// passage is a checkpoint on its way to the disk.
type passage struct {
	id         string // of the trial
	of         *newest
	path       string // of its file, if it becomes one
	checkpoint Checkpoint
	lines      fresh         // of the ledger, since the last checkpoint
	files      bool          // it is to be a file, and no record of the journal
	stay       []method.Blob // bases
	before     int           // the generation of blobs before which all may go that is not named
	keeping    *Keeping      // whose names nobody changes meanwhile
	ledger     func() error  // puts the ledger on the disk
	replaces   string        // path of the one that goes when this is there; "": none

	over  chan struct{} // closed when the disk is done
	names []method.Blob // of the checkpoint
	taken bool          // by the journal
	bytes []byte        // as its file has them
	err   error
	took  time.Duration // wall
}

// landed says whether the disk is done.
func (p *passage) landed() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// write puts a checkpoint on the disk: into the journal, or as files. What neither it nor those that
// were there already name goes then.
func (p *passage) write() (err error) {
	p.names = p.checkpoint.Machine.Names()
	if p.bytes, err = p.checkpoint.encode(); err != nil {
		return err
	}
	p.checkpoint.Machine.Book = nil // of many participants, until the next is on its way
	if j := p.keeping.journal; j != nil && !p.files {
		if err := p.keeping.blobs.Stay(p.named()); err != nil {
			return err
		}
		if p.taken, err = j.take(p, p.keeping.blobs); err != nil {
			return err
		}
	}
	if !p.taken {
		if err := p.settle(); err != nil {
			return err
		}
	}
	return p.keeping.retire(p.before, p.named())
}

// named are the blobs that are to be found again.
func (p *passage) named() []method.Blob { return slices.Concat(p.stay, p.names) }

// settle puts on the disk what the checkpoint speaks of, beside it the checkpoint, and gives that its
// name when all is there: the disk is asked for little at a time, and has it done sooner when it is
// asked at once. What the checkpoint replaces goes then.
func (p *passage) settle() error {
	var beside sync.WaitGroup
	var ledger, blobs error
	beside.Go(func() { ledger = p.ledger() })
	beside.Go(func() { blobs = p.keeping.blobs.Settle(p.named()) })
	spare := filepath.Join(filepath.Dir(p.path), spareFile)
	err := p.prepare(spare)
	if beside.Wait(); err != nil || ledger != nil || blobs != nil {
		return errors.Join(err, ledger, blobs)
	}
	if err := takeName(p.keeping.folder.disk(), spare, p.path); err != nil {
		return err
	}
	if err := p.discard(spare); err != nil {
		return err
	}
	if j := p.keeping.journal; j != nil {
		if j.begin(p.named()); p.checkpoint.Machine.Ended {
			return j.end()
		}
	}
	return nil
}

// prepare writes the checkpoint under a name by which nobody finds it.
func (p *passage) prepare(path string) error {
	disk := p.keeping.folder.disk()
	if err := makeDir(disk, filepath.Dir(path)); err != nil {
		return err
	}
	return writeOver(disk, path, p.bytes)
}

// spareFile is what a checkpoint that was replaced is called until another is written over it: to
// remove a file and make another takes the system longer than to write it.
const spareFile = ".spare"

// lateFile is what the last checkpoint that was replaced is called. The disk may know it by the name
// that it had until the next checkpoint has its own, for good: so only then it becomes the spare,
// and no power loss leaves an old name on new bytes.
const lateFile = ".late"

// discard lets go of what the checkpoint replaces, if it does. Nothing will be written over after
// the end.
func (p *passage) discard(spare string) error {
	late := filepath.Join(filepath.Dir(spare), lateFile)
	var errs []error
	if p.checkpoint.Machine.Ended {
		errs = append(errs, os.Remove(late))
		if p.replaces != "" {
			errs = append(errs, os.Remove(p.replaces))
		}
	} else {
		errs = append(errs, os.Rename(late, spare))
		if p.replaces != "" {
			errs = append(errs, os.Rename(p.replaces, late))
		}
	}
	for i, err := range errs {
		if errors.Is(err, os.ErrNotExist) { // none was replaced, or somebody tidied up
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

// set sets the disk to work on a checkpoint whose making began at a time.
func (k *Keeping) set(p *passage, began time.Time) {
	k.out, k.done = p, time.Now()
	k.cost = k.done.Sub(began)
	k.Stood += k.cost
	go func(from time.Time) {
		defer close(p.over)
		p.err = p.write()
		p.took = time.Since(from)
	}(k.done)
}

// Wait waits until the checkpoint that is on its way is on the disk. From then on it counts,
// and its blobs stay.
func (k *Keeping) Wait() error {
	p := k.out
	if p == nil {
		return nil
	}
	began := time.Now()
	<-p.over
	k.out = nil
	k.cost += p.took
	k.Disk += p.took
	k.Stood += time.Since(began)
	if p.err != nil {
		return p.err
	}
	k.count(p)
	return nil
}
