package blob

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// PutAll stores all blobs of a batch. What is known already is not written twice. Nobody else
// waits while the bytes are written: the blobs are there for all once they are named.
func (s *Store) PutAll(b *Batch) error {
	for rest := b.items; ; {
		r, more, err := s.reserve(rest)
		if err != nil || len(r.items) == 0 {
			return err
		}
		last := r.items[len(r.items)-1]
		err = write(r.file, b.content[r.items[0].from:last.to], r.at)
		taken, err := s.enter(r, err)
		if err != nil {
			return err
		}
		if taken {
			rest = more
		}
	}
}

// run is blobs of a batch that lie together, and the place reserved for them.
type run struct {
	items []batched
	seg   *segment
	file  *os.File // its data
	at    int64
	named int // blobs that the store had ever named
}

// reserve finds a place for the first blobs that are not known, as many as lie together and
// fit; no items: all are known.
func (s *Store) reserve(all []batched) (r run, rest []batched, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(all) > 0 && s.again(all[0].hash) {
		all = all[1:]
	}
	if len(all) == 0 {
		return r, nil, nil
	}
	size := func(n int) int64 { return int64(all[n].to - all[0].from) }
	seg, err := s.room(s.generation, size(0))
	if err != nil {
		return r, nil, err
	}
	n := 1
	for n < len(all) && seg.fits(size(n)) {
		if _, known := s.atlas.look(all[n].hash); known {
			break
		}
		n++
	}
	return run{items: all[:n], seg: seg, file: seg.data, at: seg.reserve(size(n - 1)), named: s.named}, all[n:], nil
}

// again notes that a blob is put once more, if it is known.
func (s *Store) again(b method.Hash) bool {
	i, known := s.atlas.look(b)
	if known {
		s.atlas.of(s.atlas.table[i]).put = uint32(s.generation)
	}
	return known
}

// enter names blobs that were written, or failed to be. They are not taken where their
// segment went meanwhile: then they want another place.
func (s *Store) enter(r run, failed error) (taken bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { err = errors.Join(err, r.seg.letGo()) }()
	switch {
	case failed != nil:
		return false, failed
	case s.closed:
		return false, fmt.Errorf("blob: %s is closed", s.dir)
	case r.seg.lost:
		return false, nil
	}
	fresh := r.items
	if s.named != r.named { // somebody may have put some of them meanwhile
		fresh = slices.DeleteFunc(slices.Clone(fresh), func(x batched) bool { return s.again(x.hash) })
	}
	at := r.at - int64(r.items[0].from)
	s.named += len(fresh)
	for _, x := range fresh {
		s.atlas.put(r.seg, r.seg.knows(x.hash, at+int64(x.from), int64(x.to-x.from), s.generation))
	}
	return true, nil
}
