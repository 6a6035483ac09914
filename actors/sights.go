package actors

import (
	"slices"
	"sync"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// sights is what the slots of this process saw in the blobs that they put, when they had them in
// hand: the coordinator need not open them, and has no page of them in its memory.
type sights struct {
	mu  sync.Mutex
	all []coordinator.Seen // of each batch that has not been told whole, the oldest first
}

// maxSights bounds the batches that wait for reports that may never come. Whatever is forgotten is
// looked at.
const maxSights = 256

// add takes over what a slot saw in a batch, which is not nothing: an empty one would never have
// been told whole.
func (s *sights) add(seen coordinator.Seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == maxSights {
		s.all = s.all[1:]
	}
	s.all = append(s.all, seen)
}

// tell says what is in blobs of a report, and looks at those that nobody here has put.
func (s *sights) tell(to coordinator.Seen, blobs method.Blobs, all []method.Named) {
	for _, n := range all {
		if !s.move(to, n.Blob) {
			to.Look(blobs, n.Blob)
		}
	}
}

// move moves what is known of one blob; false: nothing is.
func (s *sights) move(to coordinator.Seen, b method.Blob) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, seen := range s.all {
		if to.Move(seen, b) {
			if len(seen) == 0 {
				s.all = slices.Delete(s.all, i, i+1)
			}
			return true
		}
	}
	return false
}
