package coordinator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// flight is a lease from the round that asked to the one that is told: it is worked on, or
// has been answered and waits for its hour on the simulated clock.
type flight struct {
	lease  *Lease // shared with who does it, and changed by neither
	round  int    // that asked
	folded int    // rounds folded then
	given  int    // assignments that its participant had had before
	prices []priced
	opened method.Seconds
	fate   Fate

	soonest  method.Seconds // it can finish: a world without uploads
	finish   method.Seconds // it does finish, known once it is answered
	answered bool
	tale     tale           // what came of it
	up       int64          // bytes
	unusable int            // of its reports
	spoiled  bool           // something was made wrong
	kept     []method.Named // what its participant keeps once the reports are accepted
}

// compare is the order in which flights are told: by the round that asked, then by participant.
func (f *flight) compare(o *flight) int {
	return cmp.Or(cmp.Compare(f.lease.Key.Turn, o.lease.Key.Turn), f.lease.Key.Whom.Compare(o.lease.Key.Whom))
}

// earlier is the order in which flights finish; nobody finishes at just the same moment.
func (f *flight) earlier(o *flight) int {
	return cmp.Or(cmp.Compare(f.finish, o.finish), f.lease.Key.Whom.Compare(o.lease.Key.Whom), f.compare(o))
}

// flights are all that is out.
type flights struct {
	all      []*flight // in order of compare
	waiting  []*flight // the unanswered and those answered since, the soonest first
	finished []*flight // the answered, in order of finishing
}

// add takes off what was leased in one turn.
func (s *flights) add(more []*flight) {
	s.all = append(s.all, more...)
	slices.SortFunc(s.all, (*flight).compare)
	s.waiting = append(s.waiting, more...)
	slices.SortFunc(s.waiting, func(a, b *flight) int { return cmp.Or(cmp.Compare(a.soonest, b.soonest), a.compare(b)) })
}

// find is the flight of a key, or nil.
func (s *flights) find(k Key) *flight {
	i, ok := slices.BinarySearchFunc(s.all, k, func(f *flight, k Key) int {
		return cmp.Or(cmp.Compare(f.lease.Key.Turn, k.Turn), f.lease.Key.Whom.Compare(k.Whom))
	})
	if !ok {
		return nil
	}
	return s.all[i]
}

// busy says whether a participant has a lease out.
func (s *flights) busy(id method.ID) bool {
	return slices.ContainsFunc(s.all, func(f *flight) bool { return f.lease.Key.Whom == id })
}

// assignments counts what is out.
func (s *flights) assignments() (n int) {
	for _, f := range s.all {
		n += len(f.lease.Work.Assign)
	}
	return n
}

// answer notes when a flight finishes.
func (s *flights) answer(f *flight, finish method.Seconds) {
	if finish < f.soonest {
		panic(fmt.Sprintf("coordinator: %s finishes at %g s, before the %g s that it takes without an upload", f.lease.Key.Whom, finish, f.soonest))
	}
	f.answered, f.finish = true, finish
	i, _ := slices.BinarySearchFunc(s.finished, f, (*flight).earlier)
	s.finished = slices.Insert(s.finished, i, f)
}

// certain says whether nobody who has not answered can finish at a moment or before it: the
// clock may go there.
func (s *flights) certain(at method.Seconds) bool {
	for len(s.waiting) > 0 && s.waiting[0].answered {
		s.waiting = s.waiting[1:]
	}
	return len(s.waiting) == 0 || s.waiting[0].soonest > at
}

// unanswered are the leases that somebody must still do, in order.
func (s *flights) unanswered() (leases []Lease) {
	for _, f := range s.all {
		if !f.answered {
			leases = append(leases, *f.lease)
		}
	}
	return leases
}

// land takes the first n that finish, at a moment or before it, out of the air, in order of
// compare.
func (s *flights) land(n int, at method.Seconds) []*flight {
	n = min(n, len(s.finished))
	for n > 0 && s.finished[n-1].finish > at {
		n--
	}
	landed := slices.Clone(s.finished[:n])
	down := make(map[*flight]bool, n)
	for _, f := range landed {
		down[f] = true
	}
	gone := func(f *flight) bool { return down[f] }
	s.finished = slices.Clone(s.finished[n:])
	s.all, s.waiting = slices.DeleteFunc(s.all, gone), slices.DeleteFunc(s.waiting, gone)
	slices.SortFunc(landed, (*flight).compare)
	return landed
}

// clear takes all that is left out of the air.
func (s *flights) clear() []*flight {
	left := s.all
	*s = flights{}
	return left
}
