package actors

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// stage is one trial's actors, their lines to the mesh, and all that must be gone when the
// trial is over. The trial ends when its context does, and the cause says how.
type stage struct {
	crew     *Crew
	ctx      context.Context // the life of all that is on the stage
	end      context.CancelCauseFunc
	setup    sim.Setup
	pace     pace
	subjects mesh.Subjects

	conns   []*mesh.Conn
	visitor *mesh.Conn // of [Crew.Inspect]
	pids    []*actor.PID
	beside  sync.WaitGroup // what runs beside the mailboxes
	worker  *worker
}

// tick is sent to coordinator and worker now and then.
type tick struct{ now time.Time }

// play brings the actors on and begins the trial.
func (t *stage) play(m *coordinator.Machine) error {
	c, err := newCoordinator(t, m)
	if err != nil {
		return err
	}
	first, err := t.spawn("coordinator", c)
	if err != nil {
		return err
	}
	if err := c.listen(t.post(first)); err != nil {
		return err
	}
	if t.worker, err = newWorker(t, "w1"); err != nil {
		return err
	}
	second, err := t.spawn("worker/"+t.worker.name, t.worker)
	if err != nil {
		return err
	}
	if err := t.worker.listen(t.post(second)); err != nil {
		return err
	}
	t.beside.Go(func() { t.ticking(first, second) })
	t.post(first)(begin{})
	t.post(second)(begin{})
	return nil
}

// begin is the first message of coordinator and worker.
type begin struct{}

func (t *stage) connect() (*mesh.Conn, error) {
	c, err := t.crew.server.Connect(t.crew.options.copies)
	if err == nil {
		t.conns = append(t.conns, c)
	}
	return c, err
}

func (t *stage) spawn(name string, a actor.Actor) (*actor.PID, error) {
	pid, err := t.crew.system.Root.SpawnNamed(
		actor.PropsFromProducer(func() actor.Actor { return a }, actor.WithMailbox(newMailbox)), t.subjects.Run+"/"+name)
	if err == nil {
		t.pids = append(t.pids, pid)
	}
	return pid, err
}

// post sends to an actor from outside of any.
func (t *stage) post(pid *actor.PID) func(any) {
	root := t.crew.system.Root
	return func(m any) { root.Send(pid, m) }
}

// ticking is the trial's only clock.
func (t *stage) ticking(pids ...*actor.PID) {
	clock := time.NewTicker(t.pace.tick)
	defer clock.Stop()
	for {
		select {
		case now := <-clock.C:
			for _, pid := range pids {
				t.post(pid)(tick{now})
			}
		case <-t.ctx.Done():
			return
		}
	}
}

// clear takes everything off the stage once the context has ended: nothing more is heard,
// the actors stop after the message they are at, slots and calls of methods return.
func (t *stage) clear() {
	for _, c := range t.conns {
		c.Close()
	}
	for _, pid := range t.pids {
		// It may hold the book: there is no going on before it has let go.
		for t.crew.system.Root.StopFuture(pid).Wait() != nil {
			continue
		}
	}
	t.beside.Wait()
}

// original is the error itself, where the text of it came over the mesh and the worker
// that sent it is in this process.
func (t *stage) original(err error) error {
	var f failure
	if errors.As(err, &f) && t.worker != nil && t.worker.failed != nil {
		return t.worker.failed
	}
	return err
}

// failure is an error in the work of another process: its text.
type failure string

func (f failure) Error() string { return string(f) }

// guard is deferred by each actor: a panic in its own code ends the trial, with the stack.
func (t *stage) guard(who string) {
	if r := recover(); r != nil {
		t.end(panicked(who, r))
	}
}

func panicked(who string, r any) error {
	return fmt.Errorf("panic in %s: %v\n%s", who, r, debug.Stack())
}
