package blob

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/loramesh/loramesh/plugins/blob/owner"
)

// A spare is the file of a segment that was retired, for one that is to come: to write over what is
// there takes the system a quarter of the time of finding room for as much, on the disk and in
// memory, and of letting go of it again. It has a name of its own, so that nobody finds what it
// held. It never had an index: a process that is killed, or a machine without power, leaves nothing
// that names its bytes. It is written over once nobody looks any more: no hold that was taken
// before lasts, and no process has it that nobody here knows of.

// MaxSpares bounds what spares take of the disk, each at most [SegmentBytes].
const MaxSpares = 6

// spareExt is what a spare's name ends in.
const spareExt = ".spare"

// mayBeSpare says whether the file of a segment that ends may be written over one day. Under the lock.
func (s *Store) mayBeSpare(seg *segment) bool {
	return Maps && seg.generation > 0 && seg.capacity == SegmentBytes && seg.lines == 0 && !seg.lent && !seg.busy
}

// waiting counts spares, and those that are still looked at. Under the lock.
func (s *Store) waiting() int {
	n := len(s.spares)
	for _, d := range s.holds.gone {
		if d.spare != "" {
			n++
		}
	}
	return n
}

// putAside makes spares of segments that nobody finds any more.
func (s *Store) putAside(all []*segment) error {
	if len(all) == 0 {
		return nil
	}
	var errs []error
	aside := make([]departed, len(all))
	for i, seg := range all {
		aside[i] = departed{view: seg.view}
		path := strings.TrimSuffix(seg.path, ".seg") + spareExt
		err := os.Rename(seg.path, path)
		if err == nil {
			aside[i].spare = path
			err = shorten(path, seg.end)
		}
		errs = append(errs, err, seg.view.rest())
	}
	s.mu.Lock()
	for i := range aside {
		aside[i].epoch = s.holds.epoch
	}
	s.holds.depart(aside...)
	free := s.letGo()
	if s.closed {
		errs = append(errs, s.dropSpares())
	}
	s.mu.Unlock()
	return errors.Join(append(errs, free.close())...)
}

// excessBytes may be left in a spare behind what was written into it last.
const excessBytes = SegmentBytes / 4

// shorten lets go of what a file holds that was long before, and was written over to here alone: else all
// files came to be as long as the longest has been. A little is left, since the next may need it.
func shorten(path string, end int64) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= end+excessBytes {
		return err
	}
	return os.Truncate(path, end)
}

// letGo is what nobody looks at any more and is to be unmapped. Spares stay as they are. Under the lock.
func (s *Store) letGo() (free views) {
	for _, d := range s.holds.letGo() {
		if d.spare != "" {
			s.spares = append(s.spares, d)
		} else {
			free = append(free, d)
		}
	}
	return free
}

// give gives a new segment its file: a spare, or a new one. Under the lock.
func (s *Store) give(seg *segment) error {
	if err := s.sweep(); err != nil {
		return err
	}
	last := len(s.spares) - 1
	if last < 0 || seg.capacity > SegmentBytes || seg.generation == 0 { // what stays, and is given away, holds nothing that went
		return seg.create()
	}
	from := s.spares[last]
	if err := os.Rename(from.spare, seg.path); err != nil {
		return err
	}
	s.spares = s.spares[:last]
	return seg.over(from.view)
}

// over opens a segment whose file is one that was a spare, and takes its view.
func (s *segment) over(v view) (err error) {
	s.view = v
	if s.data, err = os.OpenFile(s.path, os.O_RDWR, 0); err != nil {
		return errors.Join(err, v.close(), os.Remove(s.path))
	}
	return nil
}

// Sweep removes what a process before this one has left over that was killed, if no Put has done it.
// It is for a store into whose folder nobody else writes.
func (s *Store) Sweep() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sweep()
}

// sweep removes spares, and segments without an index, that were there when the store was opened. Where
// the system does not say whether a folder is somebody's they may be another's, and stay. Under the lock.
func (s *Store) sweep() error {
	if !owner.Tells {
		return nil
	}
	for len(s.left) > 0 {
		last := len(s.left) - 1
		if err := os.Remove(s.left[last]); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		s.left = s.left[:last]
	}
	return nil
}

// leave notes what is left over in the folder, of files that have names of ours: spares, and segments
// without an index. New segments have other numbers.
func (s *Store) leave(files []os.DirEntry) {
	listed := map[string]bool{}
	for _, f := range files {
		if base, is := strings.CutSuffix(f.Name(), ".idx"); is {
			listed[base] = true
		}
	}
	for _, f := range files {
		ext := filepath.Ext(f.Name())
		base := strings.TrimSuffix(f.Name(), ext)
		generation, number, ok := parseName(base)
		if !ok || ext != spareExt && (ext != ".seg" || listed[base]) {
			continue
		}
		s.left = append(s.left, filepath.Join(s.dir, f.Name()))
		s.numbers[generation] = max(s.numbers[generation], number)
	}
}

// dropSpares removes all spares, and those that will be none: whoever looked has been told that all
// views end. Under the lock.
func (s *Store) dropSpares() error {
	all := append(views(s.spares), s.holds.end()...)
	s.spares = nil
	errs := []error{all.close()}
	for _, d := range all {
		if d.spare != "" {
			errs = append(errs, os.Remove(d.spare))
		}
	}
	return errors.Join(errs...)
}
