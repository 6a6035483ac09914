package actors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/blob/owner"
	"github.com/loramesh/loramesh/plugins/method"
)

// spool is a worker's files for blobs on their way to a coordinator on the same host, who
// maps them. A segment whose blobs have all been acknowledged is written again from its
// start, so that a spool is no larger than what is on its way, and its pages stay warm.
type spool struct {
	dir    string
	worker string // in one of its lives: one that was killed, and comes again under its name, finds its files

	mu       sync.Mutex
	segments []*spoolSegment
	count    int
}

type spoolSegment struct {
	path      string
	file      *os.File
	size, end int64
	out       int  // blobs that are not acknowledged
	busy      bool // somebody writes into it; two would wait for each other
}

// spoolBytes is the size of a segment; a larger blob has one of its own.
const spoolBytes = 8 << 20

// begunExt ends the name of a file that has no owner yet: under its own name it has one, or its
// worker is gone.
const begunExt = ".new"

// put writes the blobs of a batch, which so many hold, and says where each lies.
func (s *spool) put(b *blob.Batch, holders int) (*spoolSegment, map[method.Blob]blob.Handle, error) {
	s.mu.Lock()
	seg, err := s.room(int64(b.Len()))
	if err != nil {
		s.mu.Unlock()
		return nil, nil, err
	}
	at := seg.end
	seg.end = blob.Aligned(at + int64(b.Len()))
	seg.out += holders
	seg.busy = true
	s.mu.Unlock()
	places, err := b.WriteAt(seg.file, seg.path, at)
	s.mu.Lock()
	seg.busy = false
	s.mu.Unlock()
	if err != nil {
		s.release(slices.Repeat([]*spoolSegment{seg}, holders))
	}
	return seg, places, err
}

// room finds a segment with so much room into which nobody writes, or makes a new one. Under the
// lock.
func (s *spool) room(n int64) (*spoolSegment, error) {
	for _, seg := range s.segments {
		if seg.busy {
			continue
		}
		if seg.out == 0 {
			seg.end = 0
		}
		if seg.end+n <= seg.size {
			return seg, nil
		}
	}
	s.count++
	seg := &spoolSegment{path: filepath.Join(s.dir, fmt.Sprintf("%s-%d.spool", s.worker, s.count)), size: max(n, spoolBytes)}
	begun := seg.path + begunExt
	f, err := os.OpenFile(begun, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = owner.Take(f)
	if err == nil {
		err = f.Truncate(seg.size)
	}
	if err == nil {
		err = os.Rename(begun, seg.path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close(), os.Remove(begun))
	}
	seg.file = f
	s.segments = append(s.segments, seg)
	return seg, nil
}

// release lets go of blobs, one in each of the segments named.
func (s *spool) release(all []*spoolSegment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range all {
		seg.out--
	}
}

// youngSpool is how old a file is at least that was begun and never got its name: to give it one takes
// its worker no time.
const youngSpool = time.Minute

// sweep removes the files of workers that are gone: nobody will acknowledge what lies in them. One
// that was killed and has begun anew has others.
func sweep(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.spool"))
	begun, failed := filepath.Glob(filepath.Join(dir, "*.spool"+begunExt))
	err = errors.Join(err, failed)
	for _, name := range begun {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > youngSpool { // else it has its name, or will have
			names = append(names, name)
		}
	}
	for _, name := range names {
		gone, failed := owner.Gone(name)
		if gone {
			failed = os.Remove(name)
		}
		if !errors.Is(failed, os.ErrNotExist) { // its worker may be tidying up
			err = errors.Join(err, failed)
		}
	}
	return err
}

// close removes the files. The coordinator removes those of a worker that was killed.
func (s *spool) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, seg := range s.segments {
		errs = append(errs, seg.file.Close(), os.Remove(seg.path))
	}
	s.segments = nil
	return errors.Join(errs...)
}
