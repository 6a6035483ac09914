package coordinator

import (
	"fmt"
	"slices"

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
	flops float64
	down  int64 // bytes
	spend func(up int64) method.Seconds
}

// lease turns assignments into leases, one per participant, in participant order, and takes
// off those that are not dropped. The assignments of one participant stay in plan order.
func (m *Machine) lease(assign []method.Assignment) ([]Lease, error) {
	m.turn++
	tasks := map[method.ID][]method.Assignment{}
	var ids []method.ID
	for _, a := range assign {
		for _, id := range m.addressed(a) {
			if tasks[id] == nil {
				ids = append(ids, id)
			}
			tasks[id] = append(tasks[id], a)
		}
	}
	slices.SortFunc(ids, method.ID.Compare)
	var leases []Lease
	var off []*flight
	for _, id := range ids {
		f, err := m.leaseTo(id, tasks[id])
		if err != nil {
			return nil, err
		}
		m.open.asked[id] = true
		if f.fate.Dropped {
			m.open.dropped = append(m.open.dropped, f)
			continue
		}
		leases, off = append(leases, f.lease), append(off, f)
	}
	m.air.add(off)
	return leases, nil
}

func (m *Machine) leaseTo(id method.ID, assign []method.Assignment) (*flight, error) {
	facts := m.world.Participant(id)
	k := m.known(id)
	req := method.WorkRequest{Whom: id, Round: m.place.round, Stage: m.sight(), Bases: m.fixed.Bases, Kept: wanted(k.kept, assign)}
	f := &flight{round: m.place.round, folded: m.place.folded, given: k.given, opened: m.now, soonest: m.now, fate: m.world.Fate(id, k.given)}
	var has []method.Blob // after this lease
	for _, a := range assign {
		recipe, err := own(a.Recipe, facts.Rank)
		if err != nil {
			return nil, fmt.Errorf("assignment %q to %s: %w", a.Name, id, err)
		}
		if fit, ok := recipe.(method.Fit); ok && f.fate.Share > 0 {
			recipe = m.world.Shorten(id, fit, f.fate.Share)
		}
		a.To, a.Recipe = nil, recipe
		named := method.BlobsIn(recipe)
		down, err := m.fetched(named, k.has)
		if err != nil {
			return nil, fmt.Errorf("assignment %q to %s: %w", a.Name, id, err)
		}
		p := m.price(id, recipe, k.given, down)
		f.prices = append(f.prices, p)
		f.soonest += p.spend(0)
		k.has = append(k.has, named...) // a later assignment of the lease need not fetch it again
		has = append(has, named...)
		t := task{m.place.member, a.Name}
		req.Assign = append(req.Assign, a)
		req.Draws = append(req.Draws, m.fixed.Shared("work", m.place.member, id.Pool, id.Index, a.Name, k.times[t]))
		k.times[t]++
		k.given++
	}
	k.has = has
	f.lease = Lease{Key: Key{Turn: m.turn, Whom: id}, Work: req}
	return f, nil
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

// price asks the world what an assignment costs one who has had so many before.
func (m *Machine) price(id method.ID, r method.Recipe, given int, down int64) priced {
	p := m.world.Price(id, r, given)
	return priced{flops: p.Flops, down: down, spend: func(up int64) method.Seconds { return p.Spent(p.Flops, down, up) }}
}

// fetched is what a participant must download, in bytes: every blob, once, that its last
// lease did not name.
func (m *Machine) fetched(named, has []method.Blob) (total int64, err error) {
	for _, b := range named {
		if slices.Contains(has, b) {
			continue
		}
		n, err := m.sizeBytes(b)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// sizeBytes is what travels of a blob: four bytes a number.
func (m *Machine) sizeBytes(b method.Blob) (int64, error) {
	if n, known := m.sizes[b]; known {
		return n, nil
	}
	t, err := m.blobs.Open(b)
	if err != nil {
		return 0, err
	}
	m.sizes[b] = 4 * int64(t.Floats())
	return m.sizes[b], nil
}
