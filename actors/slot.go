package actors

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
	"github.com/loramesh/loramesh/sim/world"
)

// slot is where arithmetic is done: one goroutine with a trainer, one participant at a
// time. It is given as many tasks at once as are done in about a millisecond, and says what
// came of them in one message. A panic in the work goes to the participant's mailbox.
type slot struct {
	*stage
	lane   lane
	blobs  *swap // what the trainer opens and puts
	worker labourer
	jobs   chan []*task // room for one: a slot is given away only while it is free
	boss   func(any)    // the worker's mailbox
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

// task is a lease in a worker's hands.
type task struct {
	key     coordinator.Key
	work    method.WorkRequest
	note    []byte
	crashes int // that the work has caused so far, here and elsewhere

	slot  *slot          // while it is worked on
	place int            // then, among the busy
	seat  *seat          // its participant's, from the moment it is given to a slot
	cart  cart           // what was put in the work; nil before it began
	kept  []method.Named // what its participant keeps, by now
	moved atomic.Uint64
	at    atomic.Pointer[stand]
	first stand                    // where it begins
	wish  atomic.Pointer[snapshot] // of somebody who looks at its participant

	// Memory for the first of the sheets that it is on, and of the last.
	begun, done sheet
}

// kind is of tasks that take about as long: a score of a moment says nothing about how long
// the fit after it will be.
type kind struct{ pool, assignment string }

func (t *task) kind() kind {
	k := kind{pool: t.key.Whom.Pool}
	if len(t.work.Assign) > 0 {
		k.assignment = t.work.Assign[0].Name
	}
	return k
}

// stand is how far a task is.
type stand struct {
	assignment, step, of int
	loss                 float64 // of the step before
}

// settled says what came of the tasks that a slot was given.
type settled struct {
	slot *slot
	done []finished
	took time.Duration
	// What came after a task that crashed was not begun, and the slot stays with that
	// task: its participant decides, and its supervisor.
	crashed bool
	rest    []*task
}

// finished is what one task came to: the answer to its lease, or why there is none.
type finished struct {
	task   *task
	answer method.WorkResponse // while the slot has it
	wire   []byte              // the same; see [mesh.AppendAnswer]
	err    error
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
		case tasks := <-s.jobs:
			s.work(tasks)
		case <-s.ctx.Done():
			return
		}
	}
}

// breath is after how many tasks a slot lets others go first: those who carry messages would
// have to wait for the end of its batch.
const breath = 8

// answerBytes is more than most answers have.
const answerBytes = 256

// work does tasks, one after the other, up to the first that crashes.
func (s *slot) work(tasks []*task) {
	m := settled{slot: s, done: make([]finished, 0, len(tasks))}
	began := time.Now()
	var crashed *crash
	s.lane.begin()
	for i, t := range tasks {
		if i%breath == breath-1 {
			runtime.Gosched()
		}
		var f finished
		if f, crashed = s.do(t); crashed != nil {
			m.crashed, m.rest = true, tasks[i+1:]
			break
		}
		m.done = append(m.done, f)
	}
	if err := s.lane.flush(); err != nil {
		for i := range m.done {
			m.done[i].err = errors.Join(m.done[i].err, err)
		}
	}
	wire := make([]byte, 0, answerBytes*len(m.done)) // of all answers, one behind the other
	for i := range m.done {
		if f := &m.done[i]; f.err == nil {
			wire = f.close(s.lane, wire)
		}
	}
	m.took = time.Since(began)
	s.boss(m)
	if crashed != nil {
		s.post(crashed.task.seat.pid)(*crashed)
	}
}

// close writes what came of a task on the sheet of its participant, and into its answer. That lies in
// room, if there is enough; what is left of it is returned.
func (f *finished) close(by lane, room []byte) (left []byte) {
	t := f.task
	t.name(by, f.answer)
	t.seat.sheet.rest(t, f.answer)
	wire := mesh.AppendAnswer(room, f.answer)
	f.wire, f.answer = slices.Clip(wire), method.WorkResponse{}
	return wire[len(wire):]
}

// do does a task, one assignment after the other, so that it is known at which one a
// panic came.
func (s *slot) do(t *task) (f finished, c *crash) {
	defer func() {
		if r := recover(); r != nil {
			c = &crash{task: t, value: r, stack: debug.Stack()}
		}
	}()
	if t.cart != nil {
		t.cart.empty() // of a try that crashed
	}
	t.cart, t.kept = s.lane.cart(), t.work.Kept
	s.blobs.Blobs = t.cart
	var all method.WorkResponse
	for i := range t.work.Assign {
		at := &t.first
		if i > 0 {
			at = &stand{assignment: i}
		}
		t.at.Store(at)
		one := t.work
		one.Assign, one.Draws, one.Kept = one.Assign[i:i+1], one.Draws[i:i+1], t.kept
		r, err := s.worker.Work(one, func(step train.Step) error { return s.moved(t, i, step) })
		if err != nil {
			return finished{task: t, err: err}, nil
		}
		if i == 0 {
			all = r
		} else {
			all.Reports, all.Kept = append(all.Reports, r.Reports...), append(all.Kept, r.Kept...)
		}
		t.kept = method.Keeping(t.kept, r.Kept) // the next assignment finds it
	}
	return finished{task: t, answer: all}, nil
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
