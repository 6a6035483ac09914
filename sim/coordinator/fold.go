package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// folded takes what a method made of a round.
func (m *Machine) folded(r method.FoldResponse) ([]Effect, error) {
	round := m.place.round - 1
	if err := m.checkFold(m.open.fold, r); err != nil {
		return nil, fmt.Errorf("round %d, fold of method %q: %w", round, m.member().Name, err)
	}
	before := m.deploy
	m.states[m.place.member] = r.State
	if r.Deploy != nil {
		m.deploy = *r.Deploy
	}
	for _, n := range r.Notes {
		m.known(n.About).note = slices.Clone(n.Text)
	}
	own, err := m.aggregation(m.open.fold.Reports, before)
	if err != nil {
		return nil, fmt.Errorf("round %d: the aggregation error cannot be measured: %w", round, err)
	}
	m.place.folded++
	err = m.book.Write(ledger.Fold{Round: round, Now: m.now, Reports: m.open.fold.Reports.Len(), Deploy: digest(m.deploy),
		State: digest(r.State), Holds: append([]method.Blob{}, r.State.Holds...), Values: append(values(r.Values), own...), Warnings: r.Warnings})
	if err != nil {
		return nil, err
	}
	m.open = nil
	return m.evaluate(atRound)
}
