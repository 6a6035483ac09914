package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// round is a round in work.
type round struct {
	offered []method.Participant
	request method.PlanRequest
	fold    method.FoldRequest
	leases  []Lease // in participant order
	prices  map[method.ID][]priced
	answers map[method.ID]method.WorkResponse
	pending int
}

// openRound offers participants and asks the member for a plan, or moves on when the
// member has had its rounds.
func (m *Machine) openRound() ([]Effect, error) {
	b := m.fixed.Budget
	over := b.Rounds > 0 && m.place.folded >= b.Rounds || b.Time > 0 && m.now >= b.Time ||
		b.Bytes > 0 && m.spent.up+m.spent.down >= b.Bytes
	if over {
		return m.evaluate(atEnd)
	}
	if n := m.member().Rounds; n > 0 && m.place.local >= n {
		return m.next()
	}
	offered, pools, err := m.offer()
	if err != nil {
		return nil, err
	}
	m.open = &round{offered: offered, request: method.PlanRequest{Scene: m.scene("plan"), Pools: pools, Offered: offered}}
	m.phase = planning
	return []Effect{AskPlan{Member: m.place.member, Request: m.open.request}}, nil
}

// offer lists the participants that the member's roles are played by in this round.
func (m *Machine) offer() (offered []method.Participant, pools []method.Pool, err error) {
	for _, role := range m.member().Card.Roles {
		p, err := m.pool(m.member(), role)
		if err != nil {
			return nil, nil, err
		}
		pools = append(pools, method.Pool{Role: role, Size: p.Size, Left: m.left(p)})
		for _, i := range m.world.Offer(p.Name, m.place.round) {
			id := method.ID{Pool: p.Name, Index: i}
			w := m.world.Participant(id)
			if w.Examples == 0 {
				continue // nothing visible: not offered
			}
			one := method.Participant{ID: id, Role: role, Examples: w.Examples, Rank: w.Rank, Tier: w.Tier}
			if k := m.about[id]; k != nil {
				one.Note = slices.Clone(k.note)
			}
			offered = append(offered, one)
		}
	}
	slices.SortStableFunc(offered, func(a, b method.Participant) int { return a.ID.Compare(b.ID) })
	if len(offered) == 0 {
		return nil, nil, fmt.Errorf("round %d: nobody could be offered to method %q: the pools of its roles are empty or their participants have no examples", m.place.round, m.member().Name)
	}
	return offered, pools, nil
}

// left counts who of a pool has not been offered yet; in a sweep that falls to 0.
func (m *Machine) left(p Pool) int {
	if !p.Sweep {
		return p.Size
	}
	return max(0, p.Size-m.place.round*p.Cohort)
}

func (m *Machine) pool(member Member, role method.Role) (Pool, error) {
	name := member.Roles[role]
	if name == "" {
		name = string(role)
	}
	for _, p := range m.fixed.Pools {
		if p.Name == name {
			return p, nil
		}
	}
	return Pool{}, fmt.Errorf("method %q works with the role %q, and no pool is called %q: add the pool to `population`, or map it by `roles: {%s: POOL}`", member.Name, role, name, role)
}

// scene is what the present member may know in a call of the given kind.
func (m *Machine) scene(call string) method.Scene {
	s := m.stage()
	return method.Scene{
		Params: m.member().Params, Round: m.place.round, Now: m.now,
		Stage: method.Stage{Name: s.Name, Index: m.place.stage, Count: len(m.fixed.Stages),
			Round: m.place.local, Rounds: m.member().Rounds, Labels: s.Labels},
		Bases: m.fixed.Bases, Start: m.start,
		Seed:  m.fixed.Shared("method", m.place.member, m.place.round, call),
		State: m.states[m.place.member], Blobs: m.blobs,
	}
}

// planned takes a plan and hands out its leases.
func (m *Machine) planned(r method.PlanResponse) ([]Effect, error) {
	if err := m.checkPlan(m.open.request, r); err != nil {
		return nil, fmt.Errorf("round %d, plan of method %q: %w", m.place.round, m.member().Name, err)
	}
	m.states[m.place.member] = r.State
	if r.Deploy != nil {
		m.deploy = *r.Deploy
	}
	line := ledger.Plan{Round: m.place.round, Stage: m.stage().Name, Member: m.member().Name, Now: m.now,
		Offered: len(m.open.offered), Assign: []ledger.Assigned{}, State: digest(r.State)}
	for _, a := range r.Assign {
		line.Assign = append(line.Assign, ledger.Assigned{Name: a.Name, To: len(m.addressed(a)), Recipe: digest(a.Recipe)})
	}
	if err := m.book.Write(line); err != nil {
		return nil, err
	}
	if len(r.Assign) == 0 {
		m.open = nil
		return m.next()
	}
	if err := m.lease(r.Assign); err != nil {
		return nil, fmt.Errorf("round %d, plan of method %q: %w", m.place.round, m.member().Name, err)
	}
	m.place.round++
	m.place.local++
	m.phase = working
	return []Effect{DoWork{Leases: m.open.leases}}, nil
}

// addressed is whom an assignment is for.
func (m *Machine) addressed(a method.Assignment) []method.ID {
	if len(a.To) > 0 {
		return a.To
	}
	ids := make([]method.ID, len(m.open.offered))
	for i, p := range m.open.offered {
		ids[i] = p.ID
	}
	return ids
}
