package actors

import (
	"errors"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/train"
)

// snapshot is the wish to have what a participant is training stored as it is. The slot
// fulfils it before its next step, since only there the factors stand still.
type snapshot struct{ taken func(taken) }

// taken fulfils a snapshot, on its way to the participant.
type taken struct {
	now    *sheet
	at     stand
	held   []Held
	cart   cart
	failed error
	missed bool // the work was over before it could be taken
}

// snap fulfils a wish for a snapshot, if there is one.
func (s *slot) snap(t *task, step train.Step) {
	if step.Factors == nil {
		return
	}
	wish := t.wish.Swap(nil)
	if wish == nil {
		return
	}
	got := taken{now: t.seat.sheet.now.Load(), cart: s.lane.cart()}
	got.at = got.now.stand()
	for _, f := range step.Factors() {
		b, err := got.cart.Put(f.Tensors)
		if err != nil {
			got.failed = err
			break
		}
		got.held = append(got.held, Held{Name: f.Name, Blob: b, Bytes: 4 * int64(f.Tensors.Floats()), Norm: ledger.Number(norm(f.Tensors))})
	}
	got.failed = errors.Join(got.failed, s.lane.flush())
	for i := range got.held {
		got.held[i].Blob = s.lane.name(got.held[i].Blob)
	}
	wish.taken(got)
}

// cartWithin is how long the blobs of a snapshot wait for the coordinator to take them.
const cartWithin = 10 * time.Second

// deliver brings the blobs of a snapshot to the coordinator, as those of reports that
// report nothing, and has the cart emptied when they must have arrived.
func (p *participant) deliver(c cart) {
	if ps := c.parcels(); len(ps) > 0 {
		p.send(p.subjects.Report(), mesh.Reports{Worker: p.worker, Blobs: ps}.Encode())
	}
	time.AfterFunc(cartWithin, c.empty)
}

// asked answers a participant's visitor: at once, or, where a snapshot of work is wanted,
// when the slot has taken one.
func (p *participant) asked(m inspect, self func(any)) {
	now := p.sheet.now.Load()
	if m.ask != mesh.Snapshot || !now.busy {
		p.answer(m, p.status(now), now.kept, now.made)
		return
	}
	p.visitors = append(p.visitors, m)
	now.task.wish.Store(&snapshot{taken: func(t taken) { self(t) }})
	if after := p.sheet.now.Load(); after != now { // it ended just now, and perhaps nobody saw the wish
		now.task.missed(after)
	}
}

// took answers those who wait for a snapshot.
func (p *participant) took(t taken) {
	s, made := p.status(t.now), t.now.made
	if !t.missed {
		s = p.statusAt(t.now, t.at)
		if t.failed != nil {
			s.Error = t.failed.Error()
		}
		p.deliver(t.cart)
		s.Made, made = t.held, nil
	}
	for _, m := range p.visitors {
		p.answer(m, s, t.now.kept, made)
	}
	p.visitors = nil
}

// answer tells a visitor how the participant is. Blobs are weighed beside the mailbox: they
// may have to be fetched.
func (p *participant) answer(m inspect, s Status, kept, made []method.Named) {
	p.beside.Go(func() {
		c := p.road.lane().cart()
		defer c.empty()
		s.Kept = weigh(c, kept)
		if s.Made == nil {
			s.Made = weigh(c, made)
		}
		p.send(m.reply, s.encode())
	})
}
