package actors

import (
	"sync/atomic"

	"github.com/loramesh/loramesh/plugins/method"
)

// sheet is what a participant is at, at one moment. A new one takes the place of the last
// whenever that changes, and its actor reads it when somebody asks: so a participant can
// be looked at at any time, and work that takes microseconds sends no mail.
type sheet struct {
	task *task // at work, or the last one; nil: none yet
	busy bool
	kept []method.Named
	made []method.Named // by the last work
	tally
}

// stand is how far its task is.
func (s *sheet) stand() stand {
	if s.task != nil {
		if at := s.task.at.Load(); at != nil {
			return *at
		}
	}
	return stand{}
}

// sheets is the present sheet of a participant, shared by its actor, its worker, and the
// slot that does its work.
type sheets struct{ now atomic.Pointer[sheet] }

func newSheets() *sheets {
	s := &sheets{}
	s.now.Store(&sheet{})
	return s
}

// begin is the worker's: a task is in the hands of a slot.
func (s *sheets) begin(t *task, n tally) {
	before := s.now.Load()
	now := &t.begun
	if now.task != nil { // it was begun before: somebody may be reading that
		now = &sheet{}
	}
	*now = sheet{task: t, busy: true, kept: before.kept, made: before.made, tally: n}
	s.now.Store(now)
}

// rest is the slot's: a task is done.
func (s *sheets) rest(t *task, r method.WorkResponse) {
	after := &t.done // a task is done once
	*after = sheet{task: t, kept: t.kept, tally: s.now.Load().tally}
	if len(r.Reports) == 1 {
		after.made = r.Reports[0].Made
	} else {
		for _, rep := range r.Reports {
			after.made = append(after.made, rep.Made...)
		}
	}
	s.now.Store(after)
	t.missed(after)
}

// undo is the worker's: a task goes back into the queue as it was.
func (s *sheets) undo(t *task) {
	before := *s.now.Load()
	before.busy = false
	s.now.Store(&before)
	t.missed(&before)
}

// missed answers who wished for a snapshot of the task, too late for its last step, with
// what there is now.
func (t *task) missed(now *sheet) {
	if wish := t.wish.Swap(nil); wish != nil {
		wish.taken(taken{now: now, missed: true})
	}
}
