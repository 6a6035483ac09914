package actors

import (
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
	task   *task
	held   []Held
	cart   cart
	failed error
}

// snap fulfils a wish for a snapshot, if there is one.
func (s *slot) snap(t *task, step train.Step) {
	wish := t.wish.Swap(nil)
	if wish == nil || step.Factors == nil {
		return
	}
	got := taken{task: t, cart: s.road.cart()}
	for _, f := range step.Factors() {
		b, err := got.cart.Put(f.Tensors)
		if err != nil {
			got.failed = err
			break
		}
		got.held = append(got.held, Held{Name: f.Name, Blob: b, Bytes: 4 * int64(f.Tensors.Floats()), Norm: ledger.Number(norm(f.Tensors))})
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
	if m.ask == mesh.Snapshot && p.busy {
		p.visitors = append(p.visitors, m)
		p.task.wish.Store(&snapshot{taken: func(t taken) { self(t) }})
		return
	}
	p.answer(m, p.status(), p.kept, p.made)
}

// took answers those who wait for a snapshot.
func (p *participant) took(t taken) {
	s := p.status()
	if t.failed != nil {
		s.Error = t.failed.Error()
	}
	p.deliver(t.cart)
	s.Made = t.held
	for _, m := range p.visitors {
		p.answer(m, s, p.kept, nil)
	}
	p.visitors = nil
}

// answer tells a visitor how the participant is. Blobs are weighed beside the mailbox: they
// may have to be fetched.
func (p *participant) answer(m inspect, s Status, kept, made []method.Named) {
	p.beside.Go(func() {
		c := p.road.cart()
		defer c.empty()
		s.Kept = weigh(c, kept)
		if s.Made == nil {
			s.Made = weigh(c, made)
		}
		p.send(m.reply, s.encode())
	})
}
