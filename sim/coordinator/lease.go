package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/plugins/method"
)

// work is what is out in the turn of an evaluation.
type work struct {
	leases  []Lease // in participant order
	answers map[method.ID]method.WorkResponse
}

// lease finds the lease of a participant.
func (w *work) lease(id method.ID) (Lease, bool) {
	i, ok := slices.BinarySearchFunc(w.leases, id, func(l Lease, id method.ID) int { return l.Key.Whom.Compare(id) })
	if !ok {
		return Lease{}, false
	}
	return w.leases[i], true
}

// hand gives the leases of an evaluation out.
func (m *Machine) hand(leases []Lease) []Effect {
	if len(leases) == 0 {
		panic("coordinator: a turn without a lease: nobody would ever answer")
	}
	m.out = &work{leases: leases, answers: make(map[method.ID]method.WorkResponse, len(leases))}
	return []Effect{DoWork{Leases: slices.Clone(leases)}}
}

// priced is what one assignment of a lease costs, known before work begins.
type priced struct {
	Price
	down int64 // bytes
}

// spent is what it takes until so many bytes are up.
func (p priced) spent(up int64) Spent { return p.Spent(p.Flops, p.down, up) }

// order is one assignment for one participant.
type order struct {
	id   method.ID
	task int // place in the plan
}

// firstLeases are so many participants that others may begin with their leases while those of
// the rest are made.
const firstLeases = 32

// lease turns assignments into leases, one per participant, in participant order, and takes
// off those that are not dropped. The assignments of one participant stay in plan order. Where
// there are many, and somebody takes a rest, the most are made in it.
func (m *Machine) lease(assign []method.Assignment) (DoWork, error) {
	m.turn++
	var orders []order
	for i, a := range assign {
		ids := m.addressed(a)
		orders = slices.Grow(orders, len(ids))
		for _, id := range ids {
			orders = append(orders, order{id, i})
		}
	}
	slices.SortStableFunc(orders, func(a, b order) int { return a.id.Compare(b.id) })
	m.open.orders, m.open.leased = orders, 0
	m.open.forms, m.open.steps = forms{assign: assign, all: map[formKey]*form{}}, map[step]*Past{}
	m.open.asked = map[asking]*method.WorkRequest{}
	most := len(orders)
	if m.keeper != nil && most > 2*firstLeases {
		most = firstLeases
	}
	leases, err := m.leaseNext(most)
	return DoWork{Leases: leases, More: len(m.open.orders) - m.open.leased}, err
}

// leaseNext makes the leases of the next participants who have not got one, in about so many
// orders.
func (m *Machine) leaseNext(most int) ([]Lease, error) {
	orders := m.open.orders[m.open.leased:]
	for most < len(orders) && orders[most].id == orders[most-1].id {
		most++
	}
	orders = orders[:most]
	m.open.leased += most
	var tasks []int
	all, unpriced := make([]*flight, 0, len(orders)), make([]due, 0, len(orders))
	room := newLeaseRoom(len(orders))
	for i, o := range orders {
		if tasks = append(tasks, o.task); i+1 < len(orders) && orders[i+1].id == o.id {
			continue
		}
		f, due, err := m.leaseTo(o.id, tasks, room, unpriced)
		if err != nil {
			return nil, err
		}
		all, unpriced = append(all, f), due
		tasks = tasks[:0]
	}
	m.priceAll(unpriced)
	off := make([]*flight, 0, len(all))
	for _, f := range all {
		for _, p := range f.prices {
			f.soonest += p.spent(0).Time
		}
		if f.fate.Dropped {
			m.open.dropped = append(m.open.dropped, f)
			continue
		}
		off = append(off, f)
	}
	m.air.add(off)
	return room.leases, nil
}

// due is an assignment of a lease whose price, and the name of whose draws, nobody has asked for.
type due struct {
	of    *flight
	form  *form
	at    int // among its assignments
	times int // that the participant had had one of this name before
}

// worthCores is how many assignments another core pays for, which has to be woken, or taken from those
// who are at work.
const worthCores = 1024

// priceAll asks the world for prices and draws, which depend on nothing but their assignment.
func (m *Machine) priceAll(all []due) {
	par.For(len(all), min(par.Cores(), 1+len(all)/worthCores), func(lo, hi int) {
		var price func(method.ID, int) Price
		var draws func(int, string, int) uint64
		for i, d := range all[lo:hi] {
			id, a := d.of.lease.Key.Whom, &d.form.given[0]
			if i == 0 || d.form != all[lo+i-1].form {
				price = m.world.Price(m.place.stage, a.Recipe)
			}
			if i == 0 || id.Pool != all[lo+i-1].of.lease.Key.Whom.Pool {
				draws = m.fixed.Draws(m.place.member, id.Pool)
			}
			d.of.prices[d.at].Price = price(id, d.of.given+d.at)
			d.of.lease.Draws[d.at] = draws(id.Index, a.Name, d.times)
		}
	})
}

// forms are the assignments of a plan as participants are given them, each made once for
// all participants of one rank. Leases share them, so nobody writes to them.
type forms struct {
	assign []method.Assignment
	all    map[formKey]*form
}

type formKey struct{ assignment, rank int }

type form struct {
	given []method.Assignment // one
	blobs []method.Blob       // that it names
	// beside are those of them that lie in memory while it is carried out.
	beside []method.Blob
}

// of is the form of an assignment for participants of a rank.
func (s forms) of(assignment, rank int) (*form, error) {
	key := formKey{assignment, rank}
	if f := s.all[key]; f != nil {
		return f, nil
	}
	a := s.assign[assignment]
	recipe, err := own(a.Recipe, rank)
	if err != nil {
		return nil, err
	}
	a.To = nil
	a.Recipe = recipe
	f := &form{given: []method.Assignment{a}, blobs: slices.Clip(method.BlobsIn(recipe)), beside: beside(recipe)}
	s.all[key] = f
	return f, nil
}

// cut is the same for one who stops early: the same blobs, for less work.
func (f *form) cut(short method.Fit) *form {
	a := f.given[0]
	a.Recipe = short
	return &form{given: []method.Assignment{a}, blobs: f.blobs, beside: f.beside}
}

// leaseRoom is memory for many leases.
type leaseRoom struct {
	flights []flight
	draws   []uint64
	prices  []priced
	leases  []Lease // that are handed out; flights point into it, so it never grows
}

// newLeaseRoom is memory for leases of so many assignments in all.
func newLeaseRoom(n int) *leaseRoom {
	return &leaseRoom{make([]flight, n), make([]uint64, n), make([]priced, n), make([]Lease, 0, n)}
}

// one is memory for a lease of so many assignments.
func (r *leaseRoom) one(n int) (f *flight, draws []uint64, prices []priced) {
	f, draws, prices = &r.flights[0], r.draws[:n:n], r.prices[:n:n]
	r.flights, r.draws, r.prices = r.flights[1:], r.draws[n:], r.prices[n:]
	return f, draws, prices
}

// lease is memory for a lease that is handed out.
func (r *leaseRoom) lease() *Lease {
	r.leases = append(r.leases, Lease{})
	return &r.leases[len(r.leases)-1]
}

// leaseTo is the lease of one participant, but for what is due, which it adds to a list.
func (m *Machine) leaseTo(id method.ID, tasks []int, room *leaseRoom, unpriced []due) (*flight, []due, error) {
	forms := m.open.forms
	facts := m.world.Participant(id)
	k := m.about.At(id)
	last, given := k.past()
	f, draws, prices := room.one(len(tasks))
	*f = flight{round: m.place.round, folded: m.place.folded, given: given, opened: m.now, soonest: m.now, fate: m.world.Fate(id, given), prices: prices}
	var has []method.Blob // after this lease
	var asked *method.WorkRequest
	cut := false
	for i, n := range tasks {
		name := forms.assign[n].Name
		whole, err := forms.of(n, facts.Rank)
		if err != nil {
			return nil, nil, fmt.Errorf("assignment %q to %s: %w", name, id, err)
		}
		one := whole
		if fit, ok := one.given[0].Recipe.(method.Fit); ok && f.fate.Share > 0 {
			one, cut = one.cut(m.world.Shorten(m.place.stage, id, fit, f.fate.Share)), true
		}
		down, err := m.fetched(one.blobs, last, has)
		if err == nil {
			err = m.roomy(id, one)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("assignment %q to %s: %w", name, id, err)
		}
		f.prices[i].down = down
		unpriced = append(unpriced, due{of: f, form: one, at: i, times: k.Past.times(m.place.member, name)})
		asked = m.asks(asked, one, cut)
		k.Past = m.stepped(step{before: k.Past, form: whole, first: i == 0}, name)
		has = k.Past.Has
	}
	if kept := wanted(k.kept(), asked.Assign); kept != nil {
		asks := *asked
		asks.Kept = kept
		asked = &asks
	}
	if f.fate.Dropped {
		f.lease = new(Lease) // that nobody gets
	} else {
		f.lease = room.lease()
	}
	*f.lease = Lease{Key: Key{Turn: m.turn, Whom: id}, Asked: asked, Draws: draws}
	return f, unpriced, nil
}

// asking is one assignment more, behind those before it; nil: there are none.
type asking struct {
	before *method.WorkRequest
	form   *form
}

// asks is what is asked with one assignment more, made once for all of whom it is; nobody else is asked what
// was cut for one.
func (m *Machine) asks(before *method.WorkRequest, one *form, cut bool) *method.WorkRequest {
	key := asking{before, one}
	if w := m.open.asked[key]; w != nil {
		return w
	}
	w := &method.WorkRequest{Round: m.place.round, Stage: m.sight(), Bases: m.fixed.Bases, Assign: one.given}
	if before != nil {
		w.Assign = slices.Concat(before.Assign, one.given)
	}
	if !cut {
		m.open.asked[key] = w
	}
	return w
}

// wanted is what a participant keeps, as far as assignments may look at it: the memory of an
// optimiser, which is twice the size of what it moves, only where one goes on from it.
func wanted(kept []method.Named, assign []method.Assignment) []method.Named {
	resumes := slices.ContainsFunc(assign, func(a method.Assignment) bool {
		f, ok := a.Recipe.(method.Fit)
		return ok && f.Resume
	})
	return slices.DeleteFunc(slices.Clone(kept), func(n method.Named) bool { return n.Name == method.KeptOptimiser && !resumes })
}

// fetched is what a participant must download, in bytes: every blob, once, that neither its
// last lease named nor an earlier assignment of this one.
func (m *Machine) fetched(named, last, earlier []method.Blob) (total int64, err error) {
	for _, b := range named {
		if slices.Contains(last, b) || slices.Contains(earlier, b) {
			continue
		}
		x, err := m.look(b, m.contents)
		if err != nil {
			return 0, err
		}
		total += x.bytes
	}
	return total, nil
}
