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
	taught   taught         // by the others
	spoiled  bool           // something was made wrong
	kept     []method.Named // what its participant keeps once the reports are accepted
}

// compare is the order in which flights are told: by the round that asked, then by participant.
func (f *flight) compare(o *flight) int { return f.lease.Key.compare(o.lease.Key) }

func (k Key) compare(o Key) int {
	if k.Turn != o.Turn {
		return cmp.Compare(k.Turn, o.Turn)
	}
	return k.Whom.Compare(o.Whom)
}

// earlier is the order in which flights finish; nobody finishes at just the same moment.
func (f *flight) earlier(o *flight) int {
	return cmp.Or(cmp.Compare(f.finish, o.finish), f.lease.Key.Whom.Compare(o.lease.Key.Whom), f.compare(o))
}

// flights are all that is out. Most rounds wait for all that they lent, and then nobody asks in which
// order it finishes: the lists by time are put in order when somebody does.
type flights struct {
	all      []*flight      // in order of compare
	next     int            // among all: behind the one that was found last
	finished []*flight      // the answered: those in order of finishing, and then
	fresh    int            // so many as they came
	last     method.Seconds // when the last of the answered finishes
	waiting  []*flight      // the unanswered and those answered since, the soonest first; nil: to be listed
}

// add takes off what was leased in one turn, in participant order.
func (s *flights) add(more []*flight) {
	sorted := len(s.all) == 0 || len(more) == 0 || s.all[len(s.all)-1].compare(more[0]) < 0
	s.all, s.waiting = append(s.all, more...), nil
	if !sorted {
		slices.SortFunc(s.all, (*flight).compare)
	}
}

// find is the flight of a key, or nil. Answers mostly come in the order of leases.
func (s *flights) find(k Key) *flight {
	if s.next >= len(s.all) || s.all[s.next].lease.Key != k {
		i, ok := slices.BinarySearchFunc(s.all, k, func(f *flight, k Key) int { return f.lease.Key.compare(k) })
		if !ok {
			return nil
		}
		s.next = i
	}
	s.next++
	return s.all[s.next-1]
}

// busy says whether a participant has a lease out.
func (s *flights) busy(id method.ID) bool {
	return slices.ContainsFunc(s.all, func(f *flight) bool { return f.lease.Key.Whom == id })
}

// assignments counts what is out.
func (s *flights) assignments() (n int) {
	for _, f := range s.all {
		n += len(f.lease.Asked.Assign)
	}
	return n
}

// answer notes when a flight finishes.
func (s *flights) answer(f *flight, finish method.Seconds) {
	if finish < f.soonest {
		panic(fmt.Sprintf("coordinator: %s finishes at %g s, before the %g s that it takes without an upload", f.lease.Key.Whom, finish, f.soonest))
	}
	f.answered, f.finish = true, finish
	if len(s.finished) == 0 || finish > s.last {
		s.last = finish
	}
	s.finished = append(s.finished, f)
	s.fresh++
}

// order puts those who have answered in order of finishing.
func (s *flights) order() {
	if s.fresh == 1 {
		f := s.finished[len(s.finished)-1]
		before := s.finished[:len(s.finished)-1]
		i, _ := slices.BinarySearchFunc(before, f, (*flight).earlier)
		s.finished = slices.Insert(before, i, f)
	} else if s.fresh > 1 {
		slices.SortFunc(s.finished, (*flight).earlier)
	}
	s.fresh = 0
}

// finishing is when the n-th of those who have answered finishes.
func (s *flights) finishing(n int) method.Seconds {
	if n == len(s.finished) {
		return s.last
	}
	s.order()
	return s.finished[n-1].finish
}

// certain says whether nobody who has not answered can finish at a moment or before it: the
// clock may go there.
func (s *flights) certain(at method.Seconds) bool {
	if len(s.finished) == len(s.all) {
		return true
	}
	if s.waiting == nil {
		s.waiting = slices.DeleteFunc(slices.Clone(s.all), func(f *flight) bool { return f.answered })
		slices.SortFunc(s.waiting, func(a, b *flight) int { return cmp.Or(cmp.Compare(a.soonest, b.soonest), a.compare(b)) })
	}
	for s.waiting[0].answered {
		s.waiting = s.waiting[1:]
	}
	return s.waiting[0].soonest > at
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
	if n == len(s.all) && (n == 0 || s.last <= at) {
		return s.clear()
	}
	s.order()
	for n > 0 && s.finished[n-1].finish > at {
		n--
	}
	landed := slices.Clone(s.finished[:n])
	down := make(map[*flight]bool, n)
	for _, f := range landed {
		down[f] = true
	}
	gone := func(f *flight) bool { return down[f] }
	s.finished = slices.Clone(s.finished[n:]) // those that are left finish no earlier: the last is the last
	s.all, s.waiting, s.next = slices.DeleteFunc(s.all, gone), nil, 0
	slices.SortFunc(landed, (*flight).compare)
	return landed
}

// clear takes all that is left out of the air.
func (s *flights) clear() []*flight {
	left := s.all
	*s = flights{}
	return left
}
