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
	name string
	conn *mesh.Conn

	pull struct {
		number uint64
		out    bool
		sent   time.Time
	}
	report struct {
		number uint64
		out    []mesh.Report // on their way and not acknowledged; none: nothing is out
		sent   time.Time
	}
	outbox []mesh.Report // to go with the next message
}

// ask pulls so many leases, unless a pull is out already. held are those not reported yet.
func (c *courier) ask(want int, held []coordinator.Key) {
	if c.pull.out || want < 1 {
		return
	}
	for _, r := range slices.Concat(c.report.out, c.outbox) {
		held = append(held, r.Key)
	}
	c.pull.number++
	c.pull.out, c.pull.sent = true, time.Now()
	c.send(c.subjects.Lease(), c.subjects.Leases(c.name),
		mesh.Encode(mesh.Pull{Worker: c.name, Number: c.pull.number, Want: want, Held: held}))
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

// bring adds a report to the outbox and sends it as soon as nothing else is on its way:
// what ends while a message is out travels together.
func (c *courier) bring(r mesh.Report) {
	c.outbox = append(c.outbox, r)
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
	c.report.sent = time.Now()
	c.send(c.subjects.Report(), c.subjects.Ack(c.name),
		mesh.Encode(mesh.Reports{Worker: c.name, Number: c.report.number, Done: c.report.out}))
}

// acked takes an acknowledgement.
func (c *courier) acked(m mesh.Ack) {
	if m.Number == c.report.number {
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

// beat says how far the work is.
func (c *courier) beat(steps []mesh.Steps) {
	if len(steps) > 0 {
		c.send(c.subjects.Beat(), "", mesh.Encode(mesh.Beat{Worker: c.name, Steps: steps}))
	}
}

func (c *courier) send(subject, reply string, data []byte) {
	if err := c.conn.Send(subject, reply, data); err != nil {
		c.end(err)
	}
}
