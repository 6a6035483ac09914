package actors

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/train"
)

// worker pulls leases, hands each to the actor of its participant together with a free
// slot, and reports what came of it. It keeps nothing that cannot be lost.
type worker struct {
	courier
	craft
	self  func(any)
	queue []*task // taken and not begun, next first
	free  []*slot
	seats seats
	busy  []*task       // in the hands of slots, in no order
	mean  time.Duration // of a task in a slot, lately
	kinds map[kind]time.Duration
	tasks atomic.Int64 // done

	load   load
	called atomic.Pointer[time.Time] // when the run called last; nil: it is of this process
	goes   atomic.Bool               // to another run, once it has reported what it has begun

	failed error // what a report of a failure carries only the text of
}

// load is how much a worker has in its hands, for those who ask from outside.
type load struct{ awake, busy, queued atomic.Int64 }

// looked reaches it from a participant that has answered an inspect.
type looked struct{ whom method.ID }

// craft is what a worker can do, and with what.
type craft struct {
	slots   int // participants that work at once
	warm    int // participants that stay awake with nothing to do
	seed    uint64
	trainer func(method.Blobs, *train.Merged) labourer
	about   func(method.ID) coordinator.Participant
	road    road
}

func newWorker(t *stage, name string, x craft) (*worker, error) {
	conn, err := t.connect("worker " + name)
	if err != nil {
		return nil, err
	}
	w := &worker{courier: courier{stage: t, name: name, conn: conn, by: x.road.kind()}, craft: x, kinds: map[kind]time.Duration{}, seats: newSeats()}
	var drawn [4]byte
	_, _ = rand.Read(drawn[:]) // it never returns an error
	w.begin(binary.LittleEndian.Uint32(drawn[:]))
	merged := &train.Merged{}
	for range x.slots {
		blobs := &swap{}
		s := &slot{stage: t, lane: x.road.lane(), blobs: blobs, worker: x.trainer(blobs, merged), jobs: make(chan []*task, 1),
			boss: func(m any) { w.self(m) }}
		w.free = append(w.free, s)
		t.beside.Go(s.run)
	}
	return w, nil
}

// listen brings what is said on the mesh into the mailbox.
func (w *worker) listen(self func(any)) error {
	w.self = self
	return errors.Join(
		w.conn.Listen(w.subjects.Leases(w.name), func(m mesh.Message) {
			if l, ok := mesh.DecodeLeases(m.Data); ok {
				self(l)
			}
		}),
		w.conn.Listen(w.subjects.Ack(w.name), func(m mesh.Message) {
			if a, ok := mesh.DecodeAck(m.Data); ok {
				self(a)
			}
		}),
		w.conn.Listen(w.subjects.Participants(), func(m mesh.Message) {
			if id, ask, ok := w.subjects.Whom(m.Subject); ok && m.Reply != "" {
				self(inspect{whom: id, ask: ask, reply: m.Reply})
			}
		}))
}

// Receive takes one message.
func (w *worker) Receive(ctx actor.Context) {
	defer w.guard("worker " + w.name)
	if w.ctx.Err() != nil {
		return // the trial is over
	}
	switch m := ctx.Message().(type) {
	case begin:
	case mesh.Leases:
		w.take(m)
	case mesh.Ack:
		w.acked(m)
	case tick:
		if at := w.called.Load(); at != nil && m.now.Sub(*at) > w.pace.call {
			w.end(errOver) // or it will call again
			return
		}
		w.tick(m.now)
		w.beat(w.steps())
		w.load.awake.Store(int64(len(w.seats.all)))
		w.load.busy.Store(int64(len(w.busy)))
		w.load.queued.Store(int64(len(w.queue)))
	case settled:
		w.settle(m)
		w.passivate(ctx)
	case inspect:
		w.inspect(ctx, m)
	case looked:
		w.seats.all[m.whom].mail--
		w.passivate(ctx)
	case *actor.Terminated:
		w.seats.left(m.Who)
	default:
		return // of Proto.Actor, about itself
	}
	if w.goes.Load() {
		w.finish()
		return
	}
	w.pump(ctx)
	w.flush(len(w.busy)+len(w.queue) == 0)
	most, now := w.want()
	w.ask(most, now, w.held)
}

// settle puts what a slot has done into the outbox, and frees it.
func (w *worker) settle(m settled) {
	for i := range m.done {
		f := &m.done[i]
		w.release(f.task)
		w.seats.idle(f.task.seat)
		if f.err != nil {
			w.fail(f.task, f.err)
			return
		}
	}
	n := len(m.done)
	w.outbox = slices.Grow(w.outbox, n)
	for i := range m.done {
		t := m.done[i].task
		w.outbox = append(w.outbox, parcelled{mesh.Report{Key: t.key, Work: m.done[i].wire, Crashes: t.crashes, Wakes: int(t.seat.wakes), Restarts: int(t.seat.restarts)}, t.cart})
	}
	w.tasks.Add(int64(n))
	if n > 0 {
		w.measure(m.done[0].task.kind(), m.took/time.Duration(n))
	}
	for _, t := range m.rest {
		w.release(t)
		w.seats.idle(t.seat)
		t.seat.sheet.undo(t)
	}
	w.queue = append(m.rest[:len(m.rest):len(m.rest)], w.queue...)
	if !m.crashed {
		w.free = append(w.free, m.slot)
	}
}

func (w *worker) release(t *task) {
	last := len(w.busy) - 1
	w.busy[t.place], w.busy[last].place = w.busy[last], t.place
	w.busy[last] = nil
	w.busy = w.busy[:last]
}

// measure notes how long a task took.
func (w *worker) measure(k kind, took time.Duration) {
	w.mean = lately(w.mean, took)
	w.kinds[k] = lately(w.kinds[k], took)
}

// lately is a mean in which what came last counts for an eighth; 0: nothing came before.
func lately(mean, last time.Duration) time.Duration {
	if mean == 0 {
		mean = last
	}
	return max(1, (7*mean+last)/8)
}

// fail reports what ends the trial. In this process the error itself is found in failed.
func (w *worker) fail(t *task, err error) {
	if w.failed == nil {
		w.failed = err
	}
	var file *fs.PathError
	var errno syscall.Errno
	w.bring(parcelled{Report: mesh.Report{Key: t.key, Failure: err.Error(), Ground: errors.As(err, &file) || errors.As(err, &errno)}})
}

// finish begins nothing more, and ends the worker's part when all that it has done is reported. What
// waits in its queue is lent to others when it says that it leaves.
func (w *worker) finish() {
	if w.flush(true); len(w.busy)+len(w.outbox)+len(w.report.out) == 0 {
		w.end(errTurn)
	}
}

// wasCalled notes that the run has called.
func (w *worker) wasCalled() {
	now := w.now()
	w.called.Store(&now)
}
