package actors

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
)

// maxCrashes of one lease end the trial. The first restarts the participant, where the
// lease is done again; the second gives the lease back, for another worker if there is
// one, and for a participant made anew in any case.
const maxCrashes = 3

// HandleFailure decides what becomes of a participant that has failed: the worker is the
// supervisor of its participants. It runs in the worker's mailbox.
func (w *worker) HandleFailure(_ *actor.ActorSystem, children actor.Supervisor, child *actor.PID, _ *actor.RestartStatistics, reason, _ any) {
	defer w.guard("worker " + w.name)
	s := w.seats.named[child.Id]
	c, ok := reason.(crash)
	if !ok || s == nil {
		children.StopChildren(child)
		w.end(fmt.Errorf("panic in participant %s: %v", child.Id, reason)) // in our code, not in the work
		return
	}
	t := c.task
	t.crashes++
	if t.crashes == 1 {
		s.restarts++
		children.RestartChildren(child)
		w.seats.work(s, t)
		t.slot.jobs <- []*task{t}
		return
	}
	t.cart.empty()
	w.seats.leave(s)
	children.StopChildren(child)
	w.release(t)
	w.free = append(w.free, t.slot)
	if t.crashes < maxCrashes {
		w.bring(parcelled{Report: mesh.Report{Key: t.key, Crashes: t.crashes}})
		return
	}
	w.fail(t, w.thrice(c))
}

// thrice accuses work that has failed wherever it was tried.
func (w *worker) thrice(c crash) error {
	t := c.task
	i := 0
	if at := t.at.Load(); at != nil {
		i = at.assignment
	}
	return fmt.Errorf("%s panicked %d times in assignment %q of round %d (seed %d, draw %#x): %v\n%s",
		t.key.Whom, t.crashes, t.work.Assign[i].Name, t.work.Round, w.seed, t.work.Draws[i], c.value, c.stack)
}
