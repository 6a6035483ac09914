package actors

import (
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// coordinatorActor is the mailbox around a trial's Machine: it carries out the machine's
// effects and brings it the answers. Methods are called beside the mailbox, so that the
// coordinator hears its workers while a method thinks.
type coordinatorActor struct {
	*stage
	setup   sim.Setup
	asker   *sim.Asker
	machine *coordinator.Machine
	gauge   *sim.Gauge
	conn    *mesh.Conn
	self    func(any)
	desk    desk
	peers   []*peer // in the order in which they were first heard of
	book    *book
	worked  coordinator.Worked // room for the answer that the machine is told

	// For workers of other processes.
	stock    *Stock
	spool    string                   // absolute; "": there is none
	dir      string                   // what the paths of segments are relative to
	sights   sights                   // of the slots of this process
	loads    sync.Pool                // of *blob.Batch: blobs of messages that are being taken
	fetching sync.Map                 // messages of reports whose blobs are on their way
	call     func(mesh.Calling) error // calls for workers; nil: none could hear
	patience Patience                 // with the broker
	log      *slog.Logger
}

// What reaches it from outside, beside begin and tick.
type (
	answered struct { // by a method
		input coordinator.Input
		err   error
	}
	pulled struct {
		mesh.Pull
		reply string
	}
	reported struct {
		mesh.Reports
		answers []mesh.Answer // of each
		seen    coordinator.Seen
	}
	beaten   struct{ mesh.Beat }
	vanished struct{ worker string } // its process has ended
	arrived  struct{}                // a worker, at the broker
	spare    struct{ pieces int }    // by itself: time for some more work ahead
)

func newCoordinator(t *stage, s sim.Setup, m *coordinator.Machine, o Options) (*coordinatorActor, error) {
	conn, err := t.connect("coordinator")
	if err != nil {
		return nil, err
	}
	heed(conn, "coordinator", o.Log)
	c := &coordinatorActor{stage: t, setup: s, asker: sim.NewAsker(s), machine: m, gauge: sim.NewGauge(s), conn: conn, book: newBook(s), stock: o.Stock, log: o.Log, patience: waiting(o)}
	if c.dir, err = filepath.Abs("."); err != nil {
		return nil, err
	}
	if o.Spool != "" {
		c.spool, err = filepath.Abs(o.Spool)
	}
	return c, err
}

// listen brings what is said on the mesh into the mailbox. What cannot be read is treated
// as lost.
func (c *coordinatorActor) listen(self func(any)) error {
	c.self = self
	return errors.Join(
		c.conn.Listen(c.subjects.Lease(), func(m mesh.Message) {
			if p, ok := mesh.DecodePull(m.Data); ok && mesh.Named(p.Worker) {
				self(pulled{p, m.Reply})
			}
		}),
		c.conn.Listen(c.subjects.Report(), c.hear),
		c.conn.Listen(c.subjects.Beat(), func(m mesh.Message) {
			if b, ok := mesh.Decode[mesh.Beat](m.Data); ok && mesh.Named(b.Worker) {
				self(beaten{b})
			}
		}),
		c.conn.Listen(c.subjects.Participants(), func(m mesh.Message) {
			if id, ask, ok := c.subjects.Whom(m.Subject); ok && m.Reply != "" {
				self(inspect{whom: id, ask: ask, reply: m.Reply})
			}
		}))
}

// Receive takes one message.
func (c *coordinatorActor) Receive(ctx actor.Context) {
	defer c.guard("the coordinator")
	if c.ctx.Err() != nil {
		return // the trial is over
	}
	c.handle(ctx.Message())
}

// handle does what a message asks for.
func (c *coordinatorActor) handle(message any) {
	switch m := message.(type) {
	case begin:
		c.cry()
		c.step(coordinator.Begin{})
	case answered:
		if m.err != nil {
			c.end(m.err)
			return
		}
		c.book.note(m.input)
		c.step(m.input)
	case pulled:
		c.pulled(m)
	case reported:
		c.reported(m)
	case beaten:
		c.beaten(m)
	case vanished:
		c.part(m.worker, "its process has ended")
	case arrived:
		c.cry()
	case surveyed:
		m.answer <- c.survey()
	case tick:
		c.tick(m.now)
	case spare:
		c.ahead(m.pieces)
	case inspect:
		c.inspected(m)
	}
}

// tick looks at the clock: what stands still is lent to others, who is silent is done
// without, and a broker that stays away ends the trial.
func (c *coordinatorActor) tick(now time.Time) {
	if err := c.patience.Look(c.away(c.conn)); err != nil {
		c.end(err)
		return
	}
	for _, w := range c.peers {
		if w.here && now.Sub(w.heard) > c.pace.lost {
			c.part(w.name, "it is not heard of any more")
		}
	}
	c.desk.expire(now)
	c.serve()
	c.cry()
	c.ahead(aheadAtOnce)
}

// aheadAtOnce bounds what is done ahead between two ticks. Where reports come faster they are small, and
// what they ask for costs less in a fold, while the slots have nothing to do, than now.
const aheadAtOnce = 8

// ahead has the machine do a piece of what its next fold would wait for, and so many pieces in all.
// Each has a message of its own, so that whoever pulls or reports waits for one at most.
func (c *coordinatorActor) ahead(pieces int) {
	if c.machine.Ahead() && pieces > 1 {
		c.self(spare{pieces - 1})
	}
}

// ErrGround is wrapped by the error of a worker elsewhere under which the ground gave way: its
// disk is full, or a file has vanished.
var ErrGround = errors.New("actors: on a worker's host")

// cry calls for workers, and says how many there are: those who could be here or elsewhere go by that.
func (c *coordinatorActor) cry() {
	if c.call == nil {
		return
	}
	if err := c.call(mesh.Calling{Run: c.subjects.Run, Hands: c.present(), Waiting: len(c.desk.todo)}); err != nil {
		c.end(err)
	}
}

// step gives the machine an input and sees to it that its effects are carried out.
func (c *coordinatorActor) step(in coordinator.Input) {
	effects, err := c.machine.Step(in)
	if err != nil {
		c.end(err)
		return
	}
	c.carryOut(effects)
}

// carryOut does what the machine wants done.
func (c *coordinatorActor) carryOut(effects []coordinator.Effect) {
	for _, e := range effects {
		switch e.(type) {
		case coordinator.AskPlan, coordinator.AskFold: // the method thinks while the rest is seen to
			release := c.setup.Blobs.Hold()
			c.apart(func() {
				defer release()
				c.self(c.ask(e))
			})
		}
	}
	for _, e := range effects {
		c.gauge.Effect(e)
		switch e := e.(type) {
		case coordinator.Finished:
			c.end(errFinished)
		case coordinator.Recall:
			c.desk.recall(e.Keys)
		case coordinator.Rest:
			runtime.Gosched() // those who carry what was asked or lent are let go first, if they are ready
			more, err := c.machine.Rest()
			if err != nil {
				c.end(err)
				return
			}
			c.carryOut(more)
		case coordinator.DoWork:
			if len(e.Leases) == 0 {
				panic("work without leases: nothing would ever be reported")
			}
			if err := c.desk.open(e.Leases); err != nil {
				c.end(err)
				return
			}
			c.serve()
		}
	}
}

// ask calls a method, which may take its time and may panic.
func (c *coordinatorActor) ask(e coordinator.Effect) (a answered) {
	stretch()
	defer func() {
		if r := recover(); r != nil {
			a.err = panicked("a method", r)
		}
	}()
	a.input, a.err = c.asker.Ask(c.ctx, e)
	return a
}
