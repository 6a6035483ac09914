package actors

import (
	"sync"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// sights is what the slots of this process saw in the blobs that they put, when they had them in
// hand: the coordinator need not open them, and has no page of them in its memory.
type sights struct {
	mu   sync.Mutex
	seen coordinator.Seen
}

// maxSights bounds what waits for reports that may never come. Whatever is forgotten is looked at.
const maxSights = 1 << 14

// add takes over what a slot saw.
func (s *sights) add(seen coordinator.Seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil || len(s.seen) > maxSights {
		s.seen = make(coordinator.Seen, len(seen))
	}
	for b := range seen {
		s.seen.Move(seen, b)
	}
}

// tell says what is in blobs of a report, and looks at those that nobody here has put.
func (s *sights) tell(to coordinator.Seen, blobs method.Blobs, all []method.Named) {
	for _, n := range all {
		s.mu.Lock()
		known := to.Move(s.seen, n.Blob)
		s.mu.Unlock()
		if !known {
			to.Look(blobs, n.Blob)
		}
	}
}
