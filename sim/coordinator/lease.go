package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// priced is what one assignment of a lease costs, known before work begins.
type priced struct {
	flops float64
	down  int64
	spend func(up int64) method.Seconds
}

// lease turns assignments into leases, one per participant, in participant order. The
// assignments of one participant stay in plan order.
func (m *Machine) lease(assign []method.Assignment) error {
	m.turn++
	work := map[method.ID][]method.Assignment{}
	var ids []method.ID
	for _, a := range assign {
		for _, id := range m.addressed(a) {
			if work[id] == nil {
				ids = append(ids, id)
			}
			work[id] = append(work[id], a)
		}
	}
	slices.SortFunc(ids, method.ID.Compare)
	m.open.prices = map[method.ID][]priced{}
	m.open.answers = map[method.ID]method.WorkResponse{}
	m.open.pending = len(ids)
	for _, id := range ids {
		l, err := m.leaseTo(id, work[id])
		if err != nil {
			return err
		}
		m.open.leases = append(m.open.leases, l)
	}
	return nil
}

func (m *Machine) leaseTo(id method.ID, assign []method.Assignment) (Lease, error) {
	facts := m.world.Participant(id)
	k := m.known(id)
	req := method.WorkRequest{Whom: id, Round: m.place.round, Stage: m.scene("work").Stage, Bases: m.fixed.Bases}
	var has []method.Blob // after this lease
	for _, a := range assign {
		recipe, err := own(a.Recipe, facts.Rank)
		if err != nil {
			return Lease{}, fmt.Errorf("assignment %q to %s: %w", a.Name, id, err)
		}
		a.To, a.Recipe = nil, recipe
		named := method.BlobsIn(recipe)
		down, err := m.sizeBytes(named, k.has)
		if err != nil {
			return Lease{}, fmt.Errorf("assignment %q to %s: %w", a.Name, id, err)
		}
		price := m.world.Price(id, recipe, k.given)
		m.open.prices[id] = append(m.open.prices[id], priced{flops: price.Flops, down: down,
			spend: func(up int64) method.Seconds { return price.Spent(price.Flops, down, up) }})
		k.has = append(k.has, named...) // a later assignment of the lease need not fetch it again
		has = append(has, named...)
		req.Assign = append(req.Assign, a)
		req.Draws = append(req.Draws, m.fixed.Shared("work", m.place.member, id.Pool, id.Index, a.Name, k.times[a.Name]))
		k.times[a.Name]++
		k.given++
	}
	k.has = has
	return Lease{Key: Key{Turn: m.turn, Whom: id}, Work: req}, nil
}

// sizeBytes is what a participant must download: four bytes a number, of every blob that
// its last lease did not name.
func (m *Machine) sizeBytes(named, has []method.Blob) (int64, error) {
	var n int64
	for i, b := range named {
		if slices.Contains(has, b) || slices.Contains(named[:i], b) {
			continue
		}
		t, err := m.blobs.Open(b)
		if err != nil {
			return 0, err
		}
		n += 4 * int64(t.Floats())
	}
	return n, nil
}

// own puts a participant's own rank in the place of [method.OwnRank].
func own(r method.Recipe, rank int) (method.Recipe, error) {
	switch r := r.(type) {
	case method.Fit:
		r.Train = slices.Clone(r.Train)
		for i, part := range r.Train {
			l, ok := part.(method.LoRA)
			if !ok || l.Rank != method.OwnRank {
				continue
			}
			if rank == 0 {
				return nil, fmt.Errorf("it trains %q at the participant's own rank, and its pool has no `rank`", l.Name)
			}
			l.Rank = rank
			r.Train[i] = l
		}
		r.Model = ownModel(r.Model, rank)
		return r, nil
	case method.Score:
		r.Model = ownModel(r.Model, rank)
		return r, nil
	}
	return r, nil
}

func ownModel(x method.Model, rank int) method.Model {
	x.Attach = slices.Clone(x.Attach)
	for i := range x.Attach {
		if x.Attach[i].Rank == method.OwnRank {
			x.Attach[i].Rank = rank
		}
	}
	return x
}
