package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// folded takes what a method made of a round.
func (m *Machine) folded(r method.FoldResponse) ([]Effect, error) {
	round, reports := m.place.round, m.open.fold.Reports.(reports)
	if err := m.checkFold(m.open.fold, r); err != nil {
		return nil, fmt.Errorf("round %d, fold of method %q: %w", round, m.member().Name, err)
	}
	own, err := m.gap(reports, r.Deploy)
	if err != nil {
		return nil, fmt.Errorf("round %d: the aggregation error cannot be measured: %w", round, err)
	}
	m.standing().state = r.State
	m.deploys(r.Deploy)
	m.leaves(r.Init)
	if len(r.Notes) > 0 {
		m.foreseen = nil // who is offered comes with his note
	}
	for _, n := range r.Notes {
		m.about.At(n.About).owned().Note = n.Text
	}
	err = m.book.Write(ledger.Fold{Round: round, Now: m.now, Reports: reports.Len(), Deploy: digest(m.deploy),
		State: digest(r.State), Holds: append([]method.Blob{}, r.State.Holds...), Values: append(values(r.Values), own...),
		Flops: r.Flops, Warnings: r.Warnings})
	if err != nil {
		return nil, err
	}
	m.closed()
	m.place.folded++
	return m.evaluate(atRound)
}

// gap is the aggregation error of a fold, where there is one: a fold that deploys nothing
// leaves the model as it was, and one that moves to another base cannot be measured, nor
// can a model that is another for each participant, or has magnitudes.
func (m *Machine) gap(all reports, deploy *method.Model) ([]ledger.Value, error) {
	before, ok := m.previous()
	now := before
	if deploy != nil {
		now = *deploy
	}
	if !ok || now.Base != before.Base || personal(before) || personal(now) {
		return nil, nil
	}
	defer m.blobs.Hold()()
	common := commonPrefix(before.Attach, now.Attach)
	for _, at := range slices.Concat(before.Attach[common:], now.Attach[common:]) {
		if t, err := m.blobs.Open(at.From.Blob); err != nil || lora.IsDora(t) {
			return nil, err
		}
	}
	return m.aggregation(all, before, now)
}

// personal says whether a model is another for each participant: some of it is what each keeps.
func personal(x method.Model) bool {
	return slices.ContainsFunc(x.Attach, func(a method.Attach) bool { return a.From.Kept })
}
