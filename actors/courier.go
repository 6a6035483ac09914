package actors

import (
	"slices"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// courier is a worker's half of the protocol of leases: it pulls, reports and beats, and
// repeats what was not answered. It is the worker actor's own, and lives in its mailbox.
type courier struct {
	*stage
	name  string
	conn  *mesh.Conn
	began uint64 // the number before that of its first message

	pull struct {
		number uint64
		out    bool
		sent   time.Time
	}
	report struct {
		number uint64
		out    []parcelled // on their way and not acknowledged; none: nothing is out
		sent   time.Time
	}
	outbox []parcelled // to go with the next message
	by     mesh.Road   // which its blobs travel by
}

// begin has numbers begin where those of no earlier worker of the name did.
func (c *courier) begin(drawn uint32) {
	c.began = mesh.Numbering(drawn)
	c.pull.number, c.report.number = c.began, c.began
}

// parcelled is a report with the cart on which its blobs lie; nil: there are none.
type parcelled struct {
	mesh.Report
	cart cart
}

// ask pulls leases until it has so many, unless a pull is out already; 0: it has enough. holds
// lists those not reported yet.
func (c *courier) ask(want, now int, holds func() []coordinator.Key) {
	if c.pull.out || want < 1 {
		return
	}
	held := holds()
	for _, r := range slices.Concat(c.report.out, c.outbox) {
		held = append(held, r.Key)
	}
	c.pull.number++
	c.pull.out, c.pull.sent = true, c.now()
	c.send(c.subjects.Lease(), c.subjects.Leases(c.name),
		mesh.Pull{Worker: c.name, Number: c.pull.number, Want: want, Now: now, Road: c.by, Held: held}.Encode())
}

// leased says whether leases answer the pull that is out. What answers an older one has
// been lent again, or soon will be.
func (c *courier) leased(m mesh.Leases) bool {
	if !c.pull.out || m.Number != c.pull.number {
		return false
	}
	c.pull.out = false
	return true
}

// bring adds reports to the outbox and sends them as soon as nothing else is on its way:
// what ends while a message is out travels together.
func (c *courier) bring(rs ...parcelled) {
	c.outbox = append(c.outbox, rs...)
	c.flush()
}

func (c *courier) flush() {
	if len(c.report.out) > 0 || len(c.outbox) == 0 {
		return
	}
	n, size := 0, 0
	for n < len(c.outbox) && (n == 0 || size+len(c.outbox[n].Work) <= bulkBytes) {
		size += len(c.outbox[n].Work)
		n++
	}
	c.report.out, c.outbox = c.outbox[:n:n], c.outbox[n:]
	c.report.number++
	c.resend()
}

func (c *courier) resend() {
	c.report.sent = c.now()
	m := mesh.Reports{Worker: c.name, Number: c.report.number, Done: make([]mesh.Report, 0, len(c.report.out))}
	for _, r := range c.report.out {
		m.Done = append(m.Done, r.Report)
		if r.cart != nil {
			m.Blobs = append(m.Blobs, r.cart.parcels()...)
		}
	}
	c.send(c.subjects.Report(), c.subjects.Ack(c.name), m.Encode())
}

// acked takes an acknowledgement.
func (c *courier) acked(m mesh.Ack) {
	if m.Number == c.report.number {
		for _, r := range c.report.out {
			if r.cart != nil {
				r.cart.empty()
			}
		}
		c.report.out = nil
		c.flush()
	}
}

// tick repeats what was not answered in time. The pull is merely taken for lost: the
// worker asks anew, and its list of what it holds puts everything right.
func (c *courier) tick(now time.Time) {
	if c.pull.out && now.Sub(c.pull.sent) > c.pace.answer {
		c.pull.out = false
	}
	if len(c.report.out) > 0 && now.Sub(c.report.sent) > c.pace.answer {
		c.resend()
	}
}

// beat says that the worker lives, and how far the work is.
func (c *courier) beat(steps []mesh.Steps) {
	c.send(c.subjects.Beat(), "", mesh.Encode(mesh.Beat{Worker: c.name, Number: c.began, Steps: steps}))
}

// leave says, from outside of the mailbox, that the worker goes while the trial goes on. Who does
// not hear it finds out when the worker stays silent.
func (c *courier) leave() {
	_ = c.say(c.conn, c.subjects.Beat(), "", mesh.Encode(mesh.Beat{Worker: c.name, Leaves: true, Number: c.began}))
}

func (c *courier) send(subject, reply string, data []byte) {
	if err := c.say(c.conn, subject, reply, data); err != nil {
		c.end(err)
	}
}
