package actors

import (
	"context"
	"runtime/debug"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
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
	Work(method.WorkRequest, func(train.Step) error) (method.WorkResponse, error)
}

// trainer makes those who labour in a trial's slots: the built-in trainer, or one that does
// nothing.
func trainer(w *world.World, null bool) func(method.Blobs, *train.Merged) labourer {
	if null {
		return func(b method.Blobs, _ *train.Merged) labourer { return train.NewNull(b) }
	}
	return func(b method.Blobs, m *train.Merged) labourer { return train.New(w, b, m) }
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

	slot  *slot          // while it is worked on
	cart  cart           // what was put in the work; nil before it began
	kept  []method.Named // what its participant keeps, by now
	moved atomic.Uint64
	at    atomic.Pointer[stand]
	wish  atomic.Pointer[snapshot] // of somebody who looks at its participant
}

// stand is how far a task is.
type stand struct {
	assignment, step, of int
	loss                 float64 // of the step before
}

// finished tells a participant what its work came to.
type finished struct {
	task  *task
	wire  []byte // of a method.WorkResponse
	kept  []method.Named
	made  []method.Named
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
	t.cart, t.kept = s.road.cart(), t.work.Kept
	s.blobs.Blobs = t.cart
	var all method.WorkResponse
	for i := range t.work.Assign {
		t.at.Store(&stand{assignment: i})
		one := t.work
		one.Assign, one.Draws, one.Kept = one.Assign[i:i+1], one.Draws[i:i+1], t.kept
		r, err := s.worker.Work(one, func(step train.Step) error { return s.moved(t, i, step) })
		if err != nil {
			return finished{task: t, err: err}
		}
		all.Reports, all.Kept = append(all.Reports, r.Reports...), append(all.Kept, r.Kept...)
		t.kept = method.Keeping(t.kept, r.Kept) // the next assignment finds it
	}
	wire, err := methodpb.MarshalWorkResponse(all)
	f = finished{task: t, wire: wire, kept: t.kept, err: err}
	for _, r := range all.Reports {
		f.made = append(f.made, r.Made...)
	}
	return f
}

// moved is called before each step of the work. Its error ends the work.
func (s *slot) moved(t *task, assignment int, step train.Step) error {
	t.at.Store(&stand{assignment, step.Done, step.Of, step.Loss})
	t.moved.Add(1)
	if sabotage := s.faults.sabotage; sabotage != nil {
		sabotage(t.key.Whom, t.work.Assign[assignment].Name, step.Done)
	}
	s.snap(t, step)
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return nil
}
