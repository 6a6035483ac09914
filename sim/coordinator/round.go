package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// round is a round in work, from its offer to its fold.
type round struct {
	request method.PlanRequest
	dropped []*flight      // leases that are never begun
	orders  []order        // of the plan, in participant order
	leased  int            // of them, those of whom leases are made
	forms   forms          // of the plan
	steps   map[step]*Past // with its assignments
	asked   map[asking]*method.WorkRequest
	fold    method.FoldRequest
	ahead   *brought // to the measures of the fold, of some reports, while others are at work; nil: of none
	brought *brought // of all reports; nil: nobody has looked yet
}

// openRound offers participants and asks the member for a plan, or moves on when the
// member has had its rounds, or the trial its budget.
func (m *Machine) openRound() ([]Effect, error) {
	if m.over() {
		if err := m.cut(); err != nil {
			return nil, err
		}
		return m.evaluate(atEnd)
	}
	if m.hadItsRounds() {
		return m.next()
	}
	if m.member().FromChain && m.inits() == nil {
		return nil, fmt.Errorf("method %q is to begin as the chain says (init: {from: chain}), and no method before it left a word about it; put one of the init-… methods before it", m.member().Name)
	}
	o := m.foreseen
	if m.foreseen = nil; o == nil || o.place != m.place || o.closed != m.now {
		var err error
		if o, err = m.offer(); err != nil {
			return nil, err
		}
	}
	m.now = o.now
	m.open = &round{request: m.request(o)}
	m.phase = planning
	return m.resting(AskPlan{Member: m.place.member, Request: m.mailed(m.open.request)}), nil
}

// request asks for a plan.
func (m *Machine) request(o *offer) method.PlanRequest {
	return method.PlanRequest{Scene: m.scene("plan"), Pools: o.pools, Offered: o.offered, Flying: m.air.assignments()}
}

// mailed is a request for the method itself.
func (m *Machine) mailed(r method.PlanRequest) method.PlanRequest {
	r.Scene = m.given(r.Scene)
	r.Pools, r.Offered = slices.Clone(r.Pools), handed(r.Offered)
	return r
}

// planned takes a plan and hands out its leases. With leases of earlier rounds out there may
// be no new ones. A plan that asks nothing ends the
// member's stage; it is written, and takes a number, like any other.
func (m *Machine) planned(r method.PlanResponse) ([]Effect, error) {
	if err := m.checkPlan(m.open.request, r); err != nil {
		return nil, m.unplanned(err)
	}
	m.standing().state = r.State
	m.deploys(r.Deploy)
	m.leaves(r.Init)
	line := ledger.Plan{Round: m.place.round, Stage: m.stage().Name, Member: m.member().Name, Now: m.now,
		Offered: len(m.open.request.Offered), Flying: len(m.air.all), Assign: []ledger.Assigned{}, State: digest(r.State)}
	for _, a := range r.Assign {
		line.Assign = append(line.Assign, ledger.Assigned{Name: a.Name, To: len(m.addressed(a)), Recipe: digest(a.Recipe)})
	}
	if err := m.book.Write(line); err != nil {
		return nil, err
	}
	if len(r.Assign) == 0 && (r.Finished || len(m.air.all) == 0) {
		m.open = nil
		m.place.round++
		return m.next()
	}
	first, err := m.lease(r.Assign)
	if err != nil {
		return nil, m.unplanned(err)
	}
	m.open.request.Offered = nil // who was is on the leases
	m.phase = working
	if first.More > 0 {
		return []Effect{first, Rest{}}, nil
	}
	return m.begun(first)
}

// leaseRest makes the leases that were put off.
func (m *Machine) leaseRest() ([]Effect, error) {
	leases, err := m.leaseNext(len(m.open.orders) - m.open.leased)
	if err != nil {
		return nil, m.unplanned(err)
	}
	return m.begun(DoWork{Leases: leases})
}

// begun has work done, the last of a round.
func (m *Machine) begun(last DoWork) (effects []Effect, err error) {
	if len(last.Leases) > 0 {
		effects = []Effect{last}
	}
	closing, err := m.tryClose() // what was out before may be enough
	return append(effects, closing...), err
}

// unplanned is why a plan cannot be carried out.
func (m *Machine) unplanned(err error) error {
	return fmt.Errorf("round %d, plan of method %q: %w", m.place.round, m.member().Name, err)
}

// offers says whether a participant is offered in the round in work.
func (r *round) offers(id method.ID) bool {
	_, ok := slices.BinarySearchFunc(r.request.Offered, id, func(p method.Participant, id method.ID) int { return p.ID.Compare(id) })
	return ok
}

// asks says whether a participant has been given a lease of the round in work.
func (r *round) asks(id method.ID) bool {
	_, ok := slices.BinarySearchFunc(r.orders[:r.leased], id, func(o order, id method.ID) int { return o.id.Compare(id) })
	return ok
}

// handed are participants as a method may keep them.
func handed(all []method.Participant) []method.Participant {
	all = slices.Clone(all)
	for i := range all {
		all[i].Kept, all[i].Note = slices.Clone(all[i].Kept), slices.Clone(all[i].Note)
	}
	return all
}

// closed ends the round in work: whatever came of it, its number is used up.
func (m *Machine) closed() {
	m.open = nil
	clear(m.contents)
	m.place.round++
	m.place.local++
}

// addressed is whom an assignment is for.
func (m *Machine) addressed(a method.Assignment) []method.ID {
	if len(a.To) > 0 {
		return a.To
	}
	ids := make([]method.ID, len(m.open.request.Offered))
	for i, p := range m.open.request.Offered {
		ids[i] = p.ID
	}
	return ids
}
