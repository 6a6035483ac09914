package actors

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/methodpb"
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

// peer is a worker, as the coordinator knows it.
type peer struct {
	name   string
	pull   pulled // the last one
	parked bool   // it waits for an answer
	answer []byte // to the last one, if it has been given
}

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

// pulled takes a pull; see the protocol in mesh.
func (c *coordinatorActor) pulled(p pulled) {
	w := c.peer(p.Worker)
	switch {
	case p.Number < w.pull.Number:
		return // a late copy
	case p.Number == w.pull.Number:
		if !w.parked {
			c.send(p.reply, w.answer)
		}
		return
	}
	w.pull, w.parked, w.answer = p, true, nil
	c.desk.reconcile(p.Worker, p.Held)
	c.serve()
}

func (c *coordinatorActor) peer(name string) *peer {
	for _, w := range c.peers {
		if w.name == name {
			return w
		}
	}
	w := &peer{name: name}
	c.peers = append(c.peers, w)
	return w
}

// serve lends what waits to those who wait for it.
func (c *coordinatorActor) serve() {
	for _, w := range c.peers {
		if !w.parked || len(c.desk.todo) == 0 {
			continue
		}
		lent := c.desk.take(taking{worker: w.name, want: w.pull.Want, held: w.pull.Held,
			warm:  func(x *item) bool { return c.book.elsewhere(x.lease.Key.Whom, w.name) },
			until: time.Now().Add(c.pace.lease)})
		if len(lent) == 0 {
			continue
		}
		answer := mesh.Leases{Number: w.pull.Number}
		for _, x := range lent {
			answer.Lent = append(answer.Lent, mesh.Lease{Key: x.lease.Key, Crashes: x.crashes,
				Note: c.book.noteOn(x.lease.Key.Whom), Work: x.work})
		}
		w.parked, w.answer = false, mesh.Encode(answer)
		c.send(w.pull.reply, w.answer)
	}
}

// reported records reports and acknowledges them.
func (c *coordinatorActor) reported(m reported) {
	for _, r := range m.Done {
		if err := c.record(m.Worker, r); err != nil {
			c.end(err)
		}
		if c.ctx.Err() != nil {
			return
		}
	}
	c.send(m.reply, mesh.Encode(mesh.Ack{Number: m.Number}))
	c.serve()
}

// record takes one report. The first of a lease counts, whoever it came from.
func (c *coordinatorActor) record(worker string, r mesh.Report) error {
	if r.Work == nil && r.Failure == "" {
		if c.desk.crashed(r.Key, worker, r.Crashes) {
			c.gauge.Failed()
			w := c.peer(worker) // who need not pull anew to be lent it again
			w.pull.Held = slices.DeleteFunc(w.pull.Held, func(k coordinator.Key) bool { return k == r.Key })
		}
		return nil
	}
	x, first := c.desk.done(r.Key)
	if !first {
		return nil
	}
	if r.Failure != "" {
		return failure(r.Failure)
	}
	answer, err := methodpb.UnmarshalWorkResponse(r.Work)
	if err != nil {
		return fmt.Errorf("worker %s: the report of %s cannot be read: %w", worker, r.Key.Whom, err)
	}
	for range r.Crashes - x.crashes {
		c.gauge.Failed()
	}
	c.book.worked(worker, x.lease, r)
	c.gauge.Worked(x.lease)
	c.step(coordinator.Worked{Key: r.Key, Response: answer})
	return nil
}

// send answers on the mesh. What does not arrive is asked for again.
func (c *coordinatorActor) send(subject string, data []byte) {
	if err := c.conn.Send(subject, "", data); err != nil {
		c.end(err)
	}
}
