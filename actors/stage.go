package actors

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
)

// stage is one trial's actors in one process, their lines to the mesh, and all that must
// be gone when the trial is over. The trial ends when its context does, and the cause says
// how.
type stage struct {
	system   *actor.ActorSystem
	dial     func(name string) (*mesh.Conn, error)
	faults   faults
	ctx      context.Context // the life of all that is on the stage
	end      context.CancelCauseFunc
	pace     pace
	subjects mesh.Subjects
	nature   nature

	conns  []*mesh.Conn
	pids   []*actor.PID
	beside sync.WaitGroup // what runs beside the mailboxes
}

// nature is what the halves of the protocol need of the world around them: a clock, a way
// to say something, and a way to have something done beside. Its zero value is the real
// one; the simulator of the protocol brings its own.
type nature struct {
	clock func() time.Time
	say   func(subject, reply string, data []byte) error
	apart func(func())
}

func (t *stage) now() time.Time {
	if t.nature.clock != nil {
		return t.nature.clock()
	}
	return time.Now()
}

// say sends something by a line.
func (t *stage) say(by *mesh.Conn, subject, reply string, data []byte) error {
	if t.nature.say != nil {
		return t.nature.say(subject, reply, data)
	}
	return by.Send(subject, reply, data)
}

// away is how long a line has been lost.
func (t *stage) away(line *mesh.Conn) time.Duration {
	if t.nature.say != nil {
		return 0
	}
	return line.Away()
}

// apart has something done beside the mailboxes.
func (t *stage) apart(f func()) {
	if t.nature.apart != nil {
		t.nature.apart(f)
		return
	}
	t.beside.Go(f)
}

// faults are put into the mesh and the work by tests; the zero value is none.
type faults struct {
	weather    mesh.Weather
	sabotage   sabotage
	population func(awake int) // told when a participant has been woken
}

// tick is sent to coordinator and worker now and then.
type tick struct{ now time.Time }

// begin is the first message of coordinator and worker.
type begin struct{}

func (t *stage) connect(name string) (*mesh.Conn, error) {
	c, err := t.dial(name)
	if err == nil {
		t.conns = append(t.conns, c)
	}
	return c, err
}

// heed has the log told what befalls a line that a trial cannot do without, and does what is to be
// done when one is open again.
func heed(line *mesh.Conn, name string, log *slog.Logger, again ...func()) {
	line.Tell(func(trouble error) {
		log.Warn("a line to the broker was in trouble, and what was on its way is asked for again", "line", name, "because", trouble)
		if mesh.Again(trouble) {
			for _, f := range again {
				f()
			}
		}
	})
}

// role is an actor that hears the mesh.
type role interface {
	actor.Actor
	listen(self func(any)) error
}

// enter brings an actor on and has it begin.
func (t *stage) enter(name string, a role) error {
	pid, err := t.system.Root.SpawnNamed(
		actor.PropsFromProducer(func() actor.Actor { return a }, actor.WithMailbox(newMailbox)), t.subjects.Run+"/"+name)
	if err != nil {
		return err
	}
	t.pids = append(t.pids, pid)
	if err := a.listen(t.post(pid)); err != nil {
		return err
	}
	t.beside.Go(func() { t.ticking(pid) })
	t.post(pid)(begin{})
	return nil
}

// post sends to an actor from outside of any.
func (t *stage) post(pid *actor.PID) func(any) {
	root := t.system.Root
	return func(m any) { root.Send(pid, m) }
}

// ticking is the trial's only clock.
func (t *stage) ticking(pid *actor.PID) {
	clock := time.NewTicker(t.pace.tick)
	defer clock.Stop()
	for {
		select {
		case <-clock.C:
			t.post(pid)(tick{t.now()})
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
		for t.system.Root.StopFuture(pid).Wait() != nil {
			continue
		}
	}
	t.beside.Wait()
}

// guard is deferred by each actor: a panic in its own code ends the trial, with the stack.
func (t *stage) guard(who string) {
	if r := recover(); r != nil {
		t.end(panicked(who, r))
	}
}

func panicked(who string, r any) error {
	return fmt.Errorf("panic in %s: %v\n%s", who, r, debug.Stack())
}

// newSystem makes an actor system that keeps its news to itself.
func newSystem() *actor.ActorSystem {
	silent := func(*actor.ActorSystem) *slog.Logger { return slog.New(slog.DiscardHandler) }
	s := actor.NewActorSystem(actor.WithLoggerFactory(silent), actor.WithDeadLetterRequestLogging(false),
		actor.WithDeadLetterThrottleInterval(time.Millisecond))
	gather(s.ProcessRegistry.LocalPIDs)
	return s
}

// gather has all actors known in one of the registry's maps in place of a thousand and twenty-four.
// None of them ever becomes smaller: of ten thousand participants that were awake once, and of
// whom a few hundred are, they would keep the room of nearly as many.
func gather(known *actor.SliceMap) {
	one := known.LocalPIDs[0]
	for _, other := range known.LocalPIDs[1:] {
		other.IterCb(one.Set) // Items would begin a goroutine for each of a map's thirty-two parts
	}
	known.LocalPIDs = slices.Clone(known.LocalPIDs[:1])
}
