package blob

import (
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// Generation is where new blobs are written now.
func (s *Store) Generation() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.generation
}

// NewGeneration makes the blobs of all further Puts belong to a new generation, and
// returns its number. Until the first call blobs belong to generation 0, which is never
// retired: put bases and other things that outlive a round before it.
func (s *Store) NewGeneration() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation > 0 {
		for _, seg := range s.writing[s.generation] {
			if err := seg.shut(); err != nil {
				return 0, err
			}
		}
		delete(s.writing, s.generation)
	}
	s.generation++
	return s.generation, nil
}

// GenerationBytes is how much a generation holds before the next one begins. To begin one renames
// and opens files, which takes as long as a few dozen small blobs; of a larger one less is found in
// the processor's caches when its file is written over.
const GenerationBytes = 2 << 20

// NextGeneration is [Store.NewGeneration] once the present one has grown; until then the
// present one goes on, and its number is returned.
func (s *Store) NextGeneration() (int, error) {
	if now := s.Generation(); now > 0 && s.Grown() < GenerationBytes {
		return now, nil
	}
	return s.NewGeneration()
}

// Grown is how much has been written into the present generation.
func (s *Store) Grown() (bytes int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, seg := range s.segments {
		if seg.generation == s.generation {
			bytes += seg.end
		}
	}
	return bytes
}

// Hold keeps every view that is taken from now on valid until release is called,
// whatever is retired meanwhile: its files go, or are put aside, and its memory stays. Once the
// hold has ended the next Retire lets go of both, and what was put aside may be written over. A slot
// that works on blobs while rounds close holds during its work.
func (s *Store) Hold() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.holds.take()
	done := false
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !done {
			done = true
			s.holds.release(at)
		}
	}
}

// Retired is what a [Store.Retire] did.
type Retired struct {
	Moved, Dropped           int   // blobs
	MovedBytes, DroppedBytes int64 // of them
}

// Retire ends the generations 1 … before−1: their blobs that alive names move to
// generation 0, the others are forgotten, and the files go. Segments of generation 0 of
// which less than half is still alive are rewritten likewise. What stays is on the
// disk before anything is removed, so a process killed at any point loses nothing alive.
//
// alive is asked without any lock held. The newest generation is where work in flight
// puts its results, so it cannot be retired; a blob that was put again in a generation
// that stays counts as alive, although its bytes were not written again.
func (s *Store) Retire(before int, alive func(method.Blob) bool) (Retired, error) {
	var out Retired
	s.mu.RLock()
	current, closed := s.generation, s.closed
	segments, blobs := s.mayEnd(before)
	s.mu.RUnlock()
	switch {
	case closed:
		return out, fmt.Errorf("blob: %s is closed", s.dir)
	case before > current:
		return out, fmt.Errorf("blob: generation %d is being written and cannot be retired", current)
	}
	living := make(map[method.Hash]bool)
	var ending []*segment
	for _, seg := range segments {
		var bytes int64
		for _, b := range blobs[seg] {
			if name := b.Blob(); alive(name) {
				n, _ := s.Size(name)
				bytes += n
				living[b] = true
			}
		}
		if full := seg.generation == 0 && 2*bytes >= seg.end; !full {
			ending = append(ending, seg)
		}
	}
	gone, err := s.end(ending, before, living, &out)
	errs := []error{err, gone.free.close()}
	for _, seg := range gone.removed {
		errs = append(errs, seg.remove())
	}
	return out, errors.Join(append(errs, s.putAside(gone.aside))...)
}

// mayEnd lists the segments that a retirement looks at, and the blobs that lie in each. Under
// the lock.
func (s *Store) mayEnd(before int) (all []*segment, blobs map[*segment][]method.Hash) {
	blobs = map[*segment][]method.Hash{}
	for _, seg := range s.segments {
		if seg.generation >= before || slices.Contains(s.writing[0], seg) {
			continue
		}
		all = append(all, seg)
		blobs[seg] = s.lying(seg)
	}
	return all, blobs
}

// lying lists the blobs that lie in a segment. Under the lock.
func (s *Store) lying(seg *segment) (all []method.Hash) {
	for i := range seg.known {
		if s.atlas.lies(seg, i) {
			all = append(all, seg.known[i].hash)
		}
	}
	return all
}
