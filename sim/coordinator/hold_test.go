package coordinator

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// lender is a store that throws everything away at once: what it lends is written over when nobody
// holds, and without a hold it lends nothing.
type lender struct {
	fakeStore
	held int // holds that are out
	lent []method.Tensors
}

func (s *lender) Hold() (release func()) {
	s.held++
	return func() {
		if s.held--; s.held > 0 {
			return
		}
		for _, t := range s.lent {
			for _, x := range t.List {
				for i := range x.Data {
					x.Data[i] = math.Pi
				}
			}
		}
		s.lent = nil
	}
}

func (s *lender) Open(b method.Blob) (method.Tensors, error) {
	if s.held == 0 {
		return method.Tensors{}, fmt.Errorf("blob %.12s… is opened and nobody holds it", b)
	}
	t, err := s.fakeStore.Open(b)
	if err == nil {
		t = copied(t)
		s.lent = append(s.lent, t)
	}
	return t, err
}

// What is measured while a round goes on, ahead, at rest or at its fold, is measured under holds, and
// nothing is kept of what was looked at: the measures are those of a store that forgets nothing.
// (Every other trial here runs on a lender too.)
func TestWhatIsLookedAtIsHeld(t *testing.T) {
	run := func(blobs func(fakeStore) Store) *trial {
		x := one(3, 3, averager(2))
		x.between = func(m *Machine) {
			for m.Ahead() {
			}
		}
		x.keeper = &nobody{}
		x.lends = blobs
		return x.mustRun(t)
	}
	kept := run(func(s fakeStore) Store { return s })
	var l *lender
	over := run(func(s fakeStore) Store { l = &lender{fakeStore: s}; return l })
	if kept.hash != over.hash {
		t.Errorf("%s\nand of a store that writes over what nobody holds\n%s", kept.book.String(), over.book.String())
	}
	if l.held != 0 {
		t.Errorf("%d holds are out after the end", l.held)
	}
}
