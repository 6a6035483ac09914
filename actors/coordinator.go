package actors

import (
	"errors"
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
	machine *coordinator.Machine
	gauge   *sim.Gauge
	conn    *mesh.Conn
	self    func(any)
	desk    desk
	peers   []*peer // in the order in which they were first heard of
	book    *book
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
		reply string
	}
	beaten struct{ mesh.Beat }
)

func newCoordinator(t *stage, m *coordinator.Machine) (*coordinatorActor, error) {
	conn, err := t.connect()
	return &coordinatorActor{stage: t, machine: m, gauge: sim.NewGauge(t.setup), conn: conn, book: newBook(t.setup)}, err
}

// listen brings what is said on the mesh into the mailbox. What cannot be read is treated
// as lost.
func (c *coordinatorActor) listen(self func(any)) error {
	c.self = self
	return errors.Join(
		c.conn.Listen(c.subjects.Lease(), func(m mesh.Message) {
			if p, ok := mesh.Decode[mesh.Pull](m.Data); ok {
				self(pulled{p, m.Reply})
			}
		}),
		c.conn.Listen(c.subjects.Report(), func(m mesh.Message) {
			if r, ok := mesh.Decode[mesh.Reports](m.Data); ok {
				self(reported{r, m.Reply})
			}
		}),
		c.conn.Listen(c.subjects.Beat(), func(m mesh.Message) {
			if b, ok := mesh.Decode[mesh.Beat](m.Data); ok {
				self(beaten{b})
			}
		}),
		c.conn.Listen(c.subjects.InspectAny(), func(m mesh.Message) {
			if id, ok := c.subjects.Whom(m.Subject); ok && m.Reply != "" {
				self(inspect{whom: id, reply: m.Reply})
			}
		}))
}

// Receive takes one message.
func (c *coordinatorActor) Receive(ctx actor.Context) {
	defer c.guard("the coordinator")
	if c.ctx.Err() != nil {
		return // the trial is over
	}
	switch m := ctx.Message().(type) {
	case begin:
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
		c.desk.renew(m.Beat, time.Now().Add(c.pace.lease))
	case tick:
		c.desk.expire(m.now)
		c.serve()
	case inspect:
		c.inspected(m)
	}
}

// step gives the machine an input and sees to it that its effects are carried out.
func (c *coordinatorActor) step(in coordinator.Input) {
	effects, err := c.machine.Step(in)
	if err != nil {
		c.end(err)
		return
	}
	for _, e := range effects {
		c.gauge.Effect(e)
		switch e := e.(type) {
		case coordinator.Finished:
			c.end(errFinished)
		case coordinator.Recall:
			c.desk.recall(e.Keys)
		case coordinator.DoWork:
			if len(e.Leases) == 0 {
				panic("work without leases: nothing would ever be reported")
			}
			if err := c.desk.open(e.Leases); err != nil {
				c.end(err)
				return
			}
			c.serve()
		default:
			c.beside.Go(func() { c.self(c.ask(e)) })
		}
	}
}

// ask calls a method, which may take its time and may panic.
func (c *coordinatorActor) ask(e coordinator.Effect) (a answered) {
	defer func() {
		if r := recover(); r != nil {
			a.err = panicked("a method", r)
		}
	}()
	a.input, a.err = sim.Ask(c.ctx, c.setup, e)
	return a
}
