package actors

import (
	"fmt"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// take puts leases into the queue. Those it has already it would not have been lent. What
// was queued of turns of which nothing is wanted any more is void: they have closed with
// others' reports, or without.
func (w *worker) take(m mesh.Leases) {
	if !w.leased(m) {
		return
	}
	w.queue = slices.DeleteFunc(w.queue, func(t *task) bool { return t.key.Turn < m.Oldest })
	w.road.learn(m.Blobs)
	var last mesh.Lease // of the same work: it need not be read again
	var work method.WorkRequest
	var err error
	tasks := make([]task, len(m.Lent))
	for i, l := range m.Lent {
		if mesh.Same(last.Work, l.Work) && len(last.Draws) == len(l.Draws) && last.Work != nil {
			work.Whom, work.Draws = l.Key.Whom, l.Draws
		} else {
			work, err = unform(l)
		}
		last = l
		t := &tasks[i]
		t.key, t.work, t.note, t.crashes = l.Key, work, l.Note, l.Crashes
		if err != nil {
			w.fail(t, fmt.Errorf("the lease of %s cannot be read: %w", l.Key.Whom, err))
			continue
		}
		w.queue = append(w.queue, t)
	}
}

// ahead is how much work a worker has at hand at least, so that no slot waits for the mesh.
const ahead = 20 * time.Millisecond

// maxLeases bounds what one worker takes from the others.
const maxLeases = 256

// want is how many leases to have in hand, if more are to be pulled: enough to keep the slots
// at work for a while, asked for when half of it is gone, so that tiny work travels in bulk.
// How many more that is says whoever lends, when there is something to lend; 0: none. What is
// beyond now would wait for longer than that while.
func (w *worker) want() (most, now int) {
	most = w.slots
	if w.mean > 0 {
		most += int(min(maxLeases, (time.Duration(w.slots)*ahead+w.mean-1)/w.mean))
	}
	most = min(most, max(w.slots, maxLeases))
	have := len(w.queue) + len(w.busy)
	if have >= w.slots && have > most/2 {
		return 0, 0
	}
	if w.mean > ahead {
		return most, w.slots
	}
	return most, most
}

func (w *worker) held() []coordinator.Key {
	var keys []coordinator.Key
	for _, s := range w.steps() {
		keys = append(keys, s.Key)
	}
	return keys
}

// steps says how often each task has moved, those in work first.
func (w *worker) steps() []mesh.Steps {
	var out []mesh.Steps
	for _, t := range w.busy {
		out = append(out, mesh.Steps{Key: t.key, Count: t.moved.Load()})
	}
	for _, t := range w.queue {
		out = append(out, mesh.Steps{Key: t.key})
	}
	return out
}

// pump hands queued tasks to slots that are free.
func (w *worker) pump(ctx actor.Context) {
	together := len(w.free) == w.slots // all begin now
	for len(w.free) > 0 {
		shares := w.slots
		if together {
			shares = len(w.free)
		}
		tasks := w.batch(ctx, shares)
		if len(tasks) == 0 {
			return
		}
		s := w.free[len(w.free)-1]
		w.free = w.free[:len(w.free)-1]
		for _, t := range tasks {
			t.slot, t.place = s, len(w.busy)
			w.busy = append(w.busy, t)
		}
		s.jobs <- tasks
	}
}

// A slot is given so many tasks at once that it works for about stint, and at most maxBatch. Where
// there are not enough for all slots, those at work too, batches become smaller, so that the slots
// end together; but not shorter than leastStint, for each costs something: what would be left for less
// than half of that goes along. A stint is long enough for sixteen blobs of 64 KB, which are hashed side by
// side.
const (
	stint      = 2 * time.Millisecond
	leastStint = stint / 16
	maxBatch   = 64
)

// batch takes tasks of one kind for one slot off the queue, one of so many shares of it, while there
// is room for their participants.
func (w *worker) batch(ctx actor.Context, shares int) []*task {
	n := 1
	var out []*task
	rest := w.queue[:0]
	for i, t := range w.queue {
		s := w.seats.all[t.key.Whom]
		full := s == nil && len(w.seats.all) >= w.warm+w.slots // those who are leaving make room
		if len(out) == n || full || len(out) > 0 && t.kind() != out[0].kind() {
			rest = append(rest, w.queue[i:]...)
			break
		}
		if s != nil && s.state != Idle {
			rest = append(rest, t) // at work for an older lease, or about to leave
			continue
		}
		if s == nil {
			s = w.wake(ctx, t.key.Whom)
		}
		if len(out) == 0 {
			if mean := w.kinds[t.kind()]; mean > 0 {
				least := int(leastStint/mean + 1)
				n = max(least, (len(w.queue)+shares-1)/shares)
				if len(w.queue)-n < least/2 {
					n = len(w.queue)
				}
				n = min(maxBatch, int(stint/mean+1), n)
			}
		}
		w.seats.work(s, t)
		out = append(out, t)
	}
	clear(w.queue[len(rest):])
	w.queue = rest
	return out
}
