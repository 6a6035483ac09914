package actors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// enter makes the stage of the crew's next trial. Each runs under a name of its own, so
// that nothing still on its way is taken for the next one's.
func (c *Crew) enter(ctx context.Context, end context.CancelCauseFunc) (*show, error) {
	dial := func(name string) (*mesh.Conn, error) { return c.dial(ctx, name, waiting(c.options)) }
	c.mu.Lock()
	if c.show != nil {
		c.mu.Unlock()
		return nil, errors.New("actors: a crew runs one trial at a time")
	}
	c.trials++
	x := &show{stage: &stage{system: c.system, dial: dial, faults: c.options.faults, ctx: ctx, end: end, pace: c.options.pace, nature: nature{clock: c.options.Clock},
		subjects: mesh.Subjects{Run: fmt.Sprintf("%s-%d", c.name, c.trials)}}}
	c.show = x
	c.mu.Unlock()
	visitor, err := x.connect("visitor") // which may take a while, and others ask how the crew is
	c.mu.Lock()
	defer c.mu.Unlock()
	if x.visitor = visitor; err != nil {
		c.show = nil
	}
	return x, err
}

// play brings the actors on, begins the trial and calls for workers.
func (c *Crew) play(x *show, s sim.Setup, m *coordinator.Machine) error {
	a, err := newCoordinator(x.stage, s, m, c.options)
	if err != nil {
		return err
	}
	x.asker = a.asker
	if c.caller != nil { // before the actor is on: it calls at its first message, and whoever comes asks at once
		a.call = func(m mesh.Calling) error { return c.caller.Send(mesh.Call, "", mesh.Encode(m)) }
		if err := a.open(c); err != nil {
			return err
		}
	}
	if err := x.enter("coordinator", a); err != nil {
		return err
	}
	c.mu.Lock()
	x.tell = a.self
	c.mu.Unlock()
	if c.options.Slots > 0 {
		w, err := newWorker(x.stage, hereName, craft{slots: c.options.Slots, warm: c.options.Warm,
			seed:    s.World.Trial.Seed,
			trainer: trainer(s.World, c.options.Null), about: s.World.Participant, road: shared{s.Blobs, &a.sights, &atomic.Uint64{}}})
		if err != nil {
			return err
		}
		x.worker = w
		if err := x.enter("worker/"+w.name, w); err != nil {
			return err
		}
	}
	return nil
}

func (c *Crew) leave(x *show) {
	if c.caller != nil {
		_ = c.caller.Send(x.subjects.Over(), "", nil) // who does not hear it misses the calls
	}
	x.clear()
	if x.asker != nil {
		x.asker.Close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.show = nil
}

// original is the error itself, where the text of it came over the mesh and the worker
// that sent it is in this process.
func (x *show) original(err error) error {
	var f failure
	if errors.As(err, &f) && x.worker != nil && x.worker.failed != nil {
		return x.worker.failed
	}
	return err
}

// failure is an error in the work of another process: its text.
type failure string

func (f failure) Error() string { return string(f) }

// failureBytes is how much of it is passed on: a message, and the stack of a panic.
const failureBytes = 32 << 10

// legible is a text of another process, cut after so many bytes, without what a terminal takes
// for more than text.
func legible(text string, most int) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, text[:min(len(text), most)])
}

// Gone tells the crew that a worker's process has ended: its leases go to others at once.
func (c *Crew) Gone(worker string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.show != nil && c.show.tell != nil {
		c.show.tell(vanished{worker})
	}
}
