package coordinator

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// offer is who is offered in a round.
type offer struct {
	place   place
	closed  method.Seconds // when the round before closed
	now     method.Seconds // when there is somebody
	offered []method.Participant
	pools   []method.Pool
}

// maxForeseen bounds who is offered before a fold is answered: of more it would take memory while
// there is most in use, for nothing that could be told from the work of a round.
const maxForeseen = 4096

// foresee is the request that will be made when the present round is folded, but for the state; nil where
// no plan of this member is to follow, or its method could not be told.
func (m *Machine) foresee() *method.PlanRequest {
	if !m.member().Sequels {
		return nil
	}
	place, now := m.place, m.now
	defer func() { m.place, m.now = place, now }()
	m.place.round++
	m.place.local++
	m.place.folded++
	if m.over() || m.hadItsRounds() {
		return nil
	}
	if m.offers() > maxForeseen {
		return nil
	}
	o, err := m.offer()
	if err != nil {
		return nil // it will be the same when the round is open
	}
	m.foreseen = o
	r := m.request(o)
	r.State = method.State{}
	r = m.mailed(r)
	return &r
}

// offers is how many participants are offered in this round at most.
func (m *Machine) offers() (most int) {
	for _, role := range m.member().Card.Roles {
		if p, err := m.pool(m.member(), role); err == nil { // else it will be said when the round is open
			most += m.size(p)
		}
	}
	return most
}

// offer lists the participants that the member's roles are played by in this round. Once
// a sweep has come to its end there may be none, and while leases are out: the method is
// asked all the same, so that it can say that it has finished.
func (m *Machine) offer() (*offer, error) {
	o, swept := &offer{place: m.place, closed: m.now}, false
	if err := m.await(); err != nil {
		return nil, err
	}
	o.now = m.now
	for _, role := range m.member().Card.Roles {
		p, err := m.pool(m.member(), role)
		if err != nil {
			return nil, err
		}
		o.pools = append(o.pools, method.Pool{Role: role, Size: p.Size, Left: m.left(p)})
		swept = swept || p.Sweep && m.place.local*p.Cohort >= p.turns()
		busy := func(i int) bool { return !m.free(method.ID{Pool: p.Name, Index: i}) }
		ids := m.world.Offer(m.place.stage, p.Name, m.offering(p), m.size(p), busy)
		o.offered = slices.Grow(o.offered, len(ids))
		for _, i := range ids {
			if one, ok := m.offered(method.ID{Pool: p.Name, Index: i}, role); ok {
				o.offered = append(o.offered, one)
			}
		}
	}
	order := func(a, b method.Participant) int { return a.ID.Compare(b.ID) }
	if !slices.IsSortedFunc(o.offered, order) { // those of one role are
		slices.SortStableFunc(o.offered, order)
	}
	if len(o.offered) == 0 && !swept && len(m.air.all) == 0 {
		return nil, fmt.Errorf("round %d: nobody could be offered to method %q: the pools of its roles are empty or their participants have no examples", m.place.round, m.member().Name)
	}
	return o, nil
}

// offered describes one participant as the method meets it, unless it sees no data.
func (m *Machine) offered(id method.ID, role method.Role) (method.Participant, bool) {
	w, sees := m.world.Participant(id), m.world.Sees(m.place.stage, id)
	if sees == 0 && !m.stage().Blind {
		return method.Participant{}, false
	}
	one := method.Participant{ID: id, Role: role, Examples: sees, Rank: w.Rank, Tier: w.Tier}
	if k := m.about.Find(id); k != nil && k.Owned != nil {
		one.Note = k.Owned.Note
		for _, n := range k.Owned.Kept {
			one.Kept = append(one.Kept, n.Name)
		}
	}
	return one, true
}

// offering is the number by which the world names an offer: the trial's round, which is
// the same for rival methods, or in a sweep, which begins anew for every member and stage,
// how far it has come.
func (m *Machine) offering(p Pool) int {
	if p.Sweep {
		return m.place.local
	}
	return m.place.round
}

// left counts who of a pool has not been offered yet, those of this round being offered
// now; in a sweep that falls to 0.
func (m *Machine) left(p Pool) int {
	if !p.Sweep {
		return p.Size
	}
	return max(0, p.turns()-(m.place.local+1)*p.Cohort)
}

// pool is the one that plays a role, as the present stage offers it.
func (m *Machine) pool(member Member, role method.Role) (Pool, error) {
	name := cmp.Or(member.Roles[role], string(role))
	for _, p := range m.fixed.Pools {
		if p.Name != name {
			continue
		}
		if o, own := m.stage().Offers[name]; own {
			p.Offer = o
		}
		return p, nil
	}
	return Pool{}, fmt.Errorf("method %q works with the role %q, and no pool is called %q: add the pool to `population`, or map it by `roles: {%s: POOL}`", member.Name, role, name, role)
}

// exists says whether a participant is in one of the pools.
func (m *Machine) exists(id method.ID) bool {
	return slices.ContainsFunc(m.fixed.Pools, func(p Pool) bool {
		return p.Name == id.Pool && id.Index >= 0 && id.Index < p.Size
	})
}
