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
		number uint64 // of the last message
		out    []sent // those that are not acknowledged, the oldest first
	}
	outbox []parcelled // to go with the next message
	by     mesh.Road   // which its blobs travel by
}

// sent is a message of reports on its way.
type sent struct {
	number  uint64
	reports []parcelled
	at      time.Time
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
	for _, m := range append(c.report.out[:len(c.report.out):len(c.report.out)], sent{reports: c.outbox}) {
		held = slices.Grow(held, len(m.reports))
		for i := range m.reports {
			held = append(held, m.reports[i].Key)
		}
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

// bring adds a report to the outbox.
func (c *courier) bring(r parcelled) {
	c.outbox = append(c.outbox, r)
	c.flush(false)
}

// maxOut bounds the messages of reports that are on their way at once.
const maxOut = 2

// flush sends what is in the outbox as soon as nothing else is on its way: what ends while a
// message is out travels together. The last reports of one who has nothing else to do go at once:
// nothing would ever travel with them.
func (c *courier) flush(last bool) {
	for len(c.outbox) > 0 && (len(c.report.out) == 0 || last && len(c.report.out) < maxOut) {
		n, size := 0, 0
		for n < len(c.outbox) && (n == 0 || size+len(c.outbox[n].Work) <= bulkBytes) {
			size += len(c.outbox[n].Work)
			n++
		}
		c.report.number++
		c.report.out = append(c.report.out, sent{number: c.report.number, reports: c.outbox[:n:n]})
		c.outbox = c.outbox[n:]
		c.carry(&c.report.out[len(c.report.out)-1])
	}
}

// carry sends a message of reports, for the first time or again.
func (c *courier) carry(s *sent) {
	s.at = c.now()
	m := mesh.Reports{Worker: c.name, Number: s.number, Done: make([]mesh.Report, 0, len(s.reports))}
	for i := range s.reports {
		r := &s.reports[i]
		m.Done = append(m.Done, r.Report)
		if r.cart != nil {
			m.Blobs = append(m.Blobs, r.cart.parcels()...)
		}
	}
	c.send(c.subjects.Report(), c.subjects.Ack(c.name), m.Encode())
}

// acked takes an acknowledgement.
func (c *courier) acked(m mesh.Ack) {
	i := slices.IndexFunc(c.report.out, func(s sent) bool { return s.number == m.Number })
	if i < 0 {
		return
	}
	for _, r := range c.report.out[i].reports {
		if r.cart != nil {
			r.cart.empty()
		}
	}
	c.report.out = slices.Delete(c.report.out, i, i+1)
}

// tick repeats what was not answered in time. The pull is merely taken for lost: the
// worker asks anew, and its list of what it holds puts everything right.
func (c *courier) tick(now time.Time) {
	if c.pull.out && now.Sub(c.pull.sent) > c.pace.answer {
		c.pull.out = false
	}
	for i := range c.report.out {
		if s := &c.report.out[i]; now.Sub(s.at) > c.pace.answer {
			c.carry(s)
		}
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
