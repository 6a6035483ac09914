package actors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/loramesh/loramesh/plugins/blob"
)

// spool is a worker's files for blobs on their way to a coordinator on the same host, who
// maps them. A segment whose blobs have all been acknowledged is written again from its
// start, so that a spool is no larger than what is on its way, and its pages stay warm.
type spool struct {
	dir, worker string

	mu       sync.Mutex
	segments []*spoolSegment // the one being written last
	count    int
}

type spoolSegment struct {
	path      string
	file      *os.File
	size, end int64
	out       int // blobs that are not acknowledged
}

// spoolBytes is the size of a segment; a larger blob has one of its own.
const spoolBytes = 8 << 20

// spoolAlign is where a blob may begin, as in the coordinator's own segments.
const spoolAlign = 64

// put writes a blob and says where.
func (s *spool) put(content []byte) (*spoolSegment, blob.Handle, error) {
	s.mu.Lock()
	seg, err := s.room(int64(len(content)))
	if err != nil {
		s.mu.Unlock()
		return nil, blob.Handle{}, err
	}
	at := blob.Handle{Segment: seg.path, Offset: seg.end, Length: int64(len(content))}
	seg.end = (seg.end + at.Length + spoolAlign - 1) &^ (spoolAlign - 1)
	seg.out++
	s.mu.Unlock()
	if _, err := seg.file.WriteAt(content, at.Offset); err != nil {
		s.release(seg)
		return nil, at, err
	}
	return seg, at, nil
}

// room finds a segment with so much room: the last one, one that is free again, or a new
// one. Under the lock.
func (s *spool) room(n int64) (*spoolSegment, error) {
	last := len(s.segments) - 1
	for i := last; i >= 0; i-- {
		seg := s.segments[i]
		if seg.out == 0 {
			seg.end = 0
		}
		if (i == last || seg.out == 0) && seg.end+n <= seg.size {
			s.segments[i], s.segments[last] = s.segments[last], seg
			return seg, nil
		}
	}
	s.count++
	seg := &spoolSegment{path: filepath.Join(s.dir, fmt.Sprintf("%s-%d.spool", s.worker, s.count)), size: max(n, spoolBytes)}
	f, err := os.OpenFile(seg.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Truncate(seg.size); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	seg.file = f
	s.segments = append(s.segments, seg)
	return seg, nil
}

func (s *spool) release(seg *spoolSegment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seg.out--
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
