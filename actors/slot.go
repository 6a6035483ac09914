package actors

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// slot is where arithmetic is done: one goroutine with a trainer, one participant at a
// time. What the work comes to, a panic included, goes to the participant's mailbox.
type slot struct {
	*stage
	road   road
	blobs  *swap // what the trainer opens and puts
	worker labourer
	jobs   chan job // room for one: a slot is given away only while it is free
}

// labourer does leases, one at a time; see [train.Trainer].
type labourer interface {
	Work(method.WorkRequest, func(done, of int) error) (method.WorkResponse, error)
}

// swap is the blobs of a slot: those of the task in work.
type swap struct{ method.Blobs }

// job is work for a slot, with the participant that awaits what comes of it.
type job struct {
	task *task
	whom *actor.PID
}

// task is a lease in a worker's hands.
type task struct {
	key     coordinator.Key
	work    method.WorkRequest
	note    []byte
	crashes int // that the work has caused so far, here and elsewhere

	slot  *slot // while it is worked on
	cart  cart  // what was put in the work; nil before it began
	moved atomic.Uint64
	at    atomic.Pointer[stand]
}

// stand is how far a task is.
type stand struct{ assignment, step, of int }

// finished tells a participant what its work came to.
type finished struct {
	task  *task
	wire  []byte // of a method.WorkResponse
	kept  []method.Named
	err   error
	crash *crash
}

// crash is a panic of the work, on its way to the supervisor of the participant.
type crash struct {
	task  *task
	value any
	stack []byte
}

func (s *slot) run() {
	for {
		select {
		case j := <-s.jobs:
			s.post(j.whom)(s.do(j.task))
		case <-s.ctx.Done():
			return
		}
	}
}

// do does a task, one assignment after the other, so that it is known at which one a
// panic came.
func (s *slot) do(t *task) (f finished) {
	defer func() {
		if r := recover(); r != nil {
			f = finished{task: t, crash: &crash{task: t, value: r, stack: debug.Stack()}}
		}
	}()
	if t.cart != nil {
		t.cart.empty() // of a try that crashed
	}
	t.cart = s.road.cart()
	s.blobs.Blobs = t.cart
	var all method.WorkResponse
	for i := range t.work.Assign {
		t.at.Store(&stand{assignment: i})
		one := t.work
		one.Assign, one.Draws = one.Assign[i:i+1], one.Draws[i:i+1]
		r, err := s.worker.Work(one, func(done, of int) error { return s.moved(t, stand{i, done, of}) })
		if err != nil {
			return finished{task: t, err: err}
		}
		all.Reports, all.Kept = append(all.Reports, r.Reports...), append(all.Kept, r.Kept...)
	}
	wire, err := methodpb.MarshalWorkResponse(all)
	return finished{task: t, wire: wire, kept: all.Kept, err: err}
}

// moved is called before each step of the work. Its error ends the work.
func (s *slot) moved(t *task, at stand) error {
	t.at.Store(&at)
	t.moved.Add(1)
	if sabotage := s.faults.sabotage; sabotage != nil {
		sabotage(t.key.Whom, t.work.Assign[at.assignment].Name, at.step)
	}
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return nil
}
