package actors

import (
	"fmt"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/methodpb"
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
	for _, l := range m.Lent {
		work, err := methodpb.UnmarshalWorkRequest(l.Work)
		t := &task{key: l.Key, work: work, note: l.Note, crashes: l.Crashes}
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

// want is how many leases to pull: enough to keep the slots at work for a while, asked for
// when half of it is gone, so that tiny work travels in bulk.
func (w *worker) want() int {
	most := w.slots
	if w.mean > 0 {
		most += int(min(maxLeases, (time.Duration(w.slots)*ahead+w.mean-1)/w.mean))
	}
	most = min(most, max(w.slots, maxLeases))
	have := len(w.queue) + len(w.busy)
	if have >= w.slots && have > most/2 {
		return 0
	}
	return most - have
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
	for t := range w.busy {
		out = append(out, mesh.Steps{Key: t.key, Count: t.moved.Load()})
	}
	for _, t := range w.queue {
		out = append(out, mesh.Steps{Key: t.key})
	}
	return out
}

// pump hands queued tasks to their participants while slots are free and there is room.
func (w *worker) pump(ctx actor.Context) {
	for i := 0; i < len(w.queue) && len(w.free) > 0; i++ {
		t := w.queue[i]
		s := w.seats.all[t.key.Whom]
		if s != nil && s.state != Idle {
			continue // at work for an older lease, or about to leave
		}
		if s == nil {
			if len(w.seats.all) >= w.warm+w.slots {
				return // those who are leaving make room
			}
			s = w.wake(ctx, t.key.Whom)
		}
		w.queue = append(w.queue[:i], w.queue[i+1:]...)
		i--
		t.slot, w.free = w.free[len(w.free)-1], w.free[:len(w.free)-1]
		w.busy[t] = time.Now()
		ctx.Send(s.pid, w.seats.order(s, t))
	}
}
