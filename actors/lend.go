package actors

import (
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// peer is a worker, as the coordinator knows it.
type peer struct {
	name   string
	here   bool                     // it is heard of
	heard  time.Time                // last
	pull   pulled                   // the last one
	held   map[coordinator.Key]bool // as that pull says
	parked bool                     // it waits for an answer
	answer []byte                   // to the last one, if it has been given
	has    map[method.Blob]bool     // that travelled inside messages to it
	done   int                      // leases that it reported first
	left   *uint64                  // who said under this name that it leaves, by its numbers; nil: nobody
}

// late says whether a message is of one that has left, and was overtaken by its farewell.
func (w *peer) late(number uint64) bool { return w.left != nil && *w.left == mesh.Beginner(number) }

// pulled takes a pull; see the protocol in mesh.
func (c *coordinatorActor) pulled(p pulled) {
	w := c.peer(p.Worker, p.Number)
	switch {
	case w.late(p.Number):
		return
	case mesh.Beginner(p.Number) != mesh.Beginner(w.pull.Number): // it has begun anew, and knows of nothing before
		clear(w.has)
		c.sweep()
	case p.Number < w.pull.Number:
		return // a late copy
	case p.Number == w.pull.Number:
		if !w.parked {
			c.send(p.reply, w.answer)
		}
		return
	}
	w.pull, w.parked, w.answer, w.held = p, true, nil, make(map[coordinator.Key]bool, len(p.Held))
	for _, k := range p.Held {
		w.held[k] = true
	}
	c.desk.reconcile(p.Worker, w.held)
	c.serve()
}

// peer is the worker of that name, from whom a message of that number has just come.
func (c *coordinatorActor) peer(name string, number uint64) *peer {
	w := c.known(name)
	if w == nil {
		w = &peer{name: name, has: map[method.Blob]bool{}}
		c.peers = append(c.peers, w)
	}
	if w.late(number) {
		return w
	}
	if !w.here {
		w.here = true
		c.log.Info("a worker takes part", "worker", name)
	}
	w.heard = c.now()
	return w
}

func (c *coordinatorActor) known(name string) *peer {
	for _, w := range c.peers {
		if w.name == name {
			return w
		}
	}
	return nil
}

// beaten notes how far a worker's leases have moved, or that it leaves.
func (c *coordinatorActor) beaten(b beaten) {
	if b.Leaves {
		if w, who := c.known(b.Worker), mesh.Beginner(b.Number); w != nil {
			if w.left = &who; mesh.Beginner(w.pull.Number) == who {
				c.part(b.Worker, "it has left")
			}
		}
		return
	}
	w := c.peer(b.Worker, b.Number)
	c.desk.renew(b.Beat, w.heard.Add(c.pace.lease))
}

// part does without a worker: what it was lent goes to others at once. If it comes back it
// is as welcome as ever.
func (c *coordinatorActor) part(name, why string) {
	w := c.known(name)
	if w == nil || !w.here {
		return
	}
	w.here, w.parked = false, false
	c.log.Warn("a worker is done without", "worker", name, "because", why)
	c.desk.leave(name)
	c.sweep()
	c.serve()
}

// sweep removes, beside the mailbox, what workers that are gone have left on the disk.
func (c *coordinatorActor) sweep() {
	if c.spool == "" {
		return
	}
	c.apart(func() {
		if err := sweep(c.spool); err != nil && c.ctx.Err() == nil {
			c.log.Warn("what a worker left behind could not be removed", "error", err)
		}
	})
}

// serve lends what waits to those who wait for it, to each at most his share: the others may
// be about to ask. Where there is not one for each any more, none is to wait for long in the
// hands of somebody who has work: whoever is done first may have it.
func (c *coordinatorActor) serve() {
	here := c.present()
	for _, w := range c.peers {
		has := len(c.desk.hold(w.name).items)
		want := min(w.pull.Want-has, (len(c.desk.todo)+here-1)/max(here, 1))
		if len(c.desk.todo) < here {
			want = min(want, w.pull.Now-has)
		}
		if !w.parked || len(c.desk.todo) == 0 || want < 1 {
			continue
		}
		named := c.book.word(w.name)
		lent := c.desk.take(taking{worker: w.name, alone: here < 2, now: c.now(), want: want, held: w.held,
			warm:  func(x *item) bool { return c.book.elsewhere(x.lease.Key.Whom, named) },
			until: c.now().Add(c.pace.lease)})
		if len(lent) == 0 {
			continue
		}
		answer := mesh.Leases{Number: w.pull.Number, Oldest: c.desk.oldest(), Blobs: c.parcels(w, lent), Lent: make([]mesh.Lease, 0, len(lent))}
		for _, x := range lent {
			answer.Lent = append(answer.Lent, mesh.Lease{Key: x.lease.Key, Crashes: x.crashes,
				Note: c.book.noteOn(x.lease.Key.Whom), Work: x.form.work, Draws: x.lease.Draws})
		}
		w.parked, w.answer = false, answer.Encode()
		c.send(w.pull.reply, w.answer)
	}
}

// present is how many workers take part.
func (c *coordinatorActor) present() (n int) {
	for _, w := range c.peers {
		if w.here {
			n++
		}
	}
	return n
}

// send answers on the mesh. What does not arrive is asked for again.
func (c *coordinatorActor) send(subject string, data []byte) {
	if err := c.say(c.conn, subject, "", data); err != nil {
		c.end(err)
	}
}
