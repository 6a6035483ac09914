package coordinator

import (
	"bytes"
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// brought is what of a fold's measures follows from its reports alone: sums over the reports in
// their order, in which each counts by its share of all their examples. Where a round waits for
// everybody it can be foretold how many these will be, and the sums can be begun while others are
// still at work.
type brought struct {
	gap      lora.GapMeter
	drift    lora.DriftMeter
	examples int    // of all reports that bring an adapter
	reports  int    // that do, known when the round has closed
	told     []tale // those in the sums: of the first so many flights
	err      error  // that ends the trial if there is a measure of the fold
	vain     bool   // it has come otherwise than foretold
}

func newBrought(examples int) *brought {
	return &brought{gap: lora.GapMeter{Change: &lora.ChangeMeter{}}, examples: examples}
}

// Ahead does a piece of what the next fold would have to wait for: it measures one more report of
// those that have come. It says whether there may be another. Who drives the machine calls it between
// inputs when there is time for it, or never: nothing that is written depends on it.
func (m *Machine) Ahead() bool {
	if m.phase != working || !m.awaitsAll() {
		return false
	}
	next := 0
	if m.open.ahead != nil {
		next = len(m.open.ahead.told)
	}
	if next == len(m.air.all) || !m.air.all[next].answered {
		return false
	}
	if m.open.ahead == nil {
		m.open.ahead = newBrought(m.foretold(m.air.all))
	}
	s, f := m.open.ahead, m.air.all[next]
	if s.vain || s.err != nil {
		return false
	}
	if f.taught.examples != m.foretold([]*flight{f}) {
		s.vain = true
		return false
	}
	m.bring(s, f.tale)
	return true
}

// awaitsAll says whether the round in work closes with the last lease that is out, and not before.
func (m *Machine) awaitsAll() bool {
	return m.open.leased == len(m.open.orders) && m.member().Regime.Deadline == 0 && m.quorum() == len(m.air.all)
}

// foretold is on how many examples flights will report that bring an adapter, if each comes to what
// it is sent out for.
func (m *Machine) foretold(all []*flight) (examples int) {
	for _, f := range all {
		if f.fate.Lost || f.fate.Corrupt {
			continue
		}
		for _, a := range f.lease.Asked.Assign {
			if _, fit := a.Recipe.(method.Fit); fit {
				examples += m.world.Sees(m.place.stage, f.lease.Key.Whom)
			}
		}
	}
	return examples
}

// measure is what the reports of a fold bring to its measures, whatever that will make of them.
// Those that were measured ahead are not measured again, if they were weighed right.
func (m *Machine) measure(all reports) *brought {
	n := all.taught.examples
	if n == 0 {
		return &brought{}
	}
	s := m.open.ahead
	if s == nil || s.err != nil || s.examples != n || !s.begins(all) {
		s = newBrought(n)
	}
	s.reports = all.taught.reports
	for _, t := range all.flights[len(s.told):] {
		if m.bring(s, t); s.err != nil {
			break
		}
	}
	return s
}

// begins says whether what is in the sums are the first of all.
func (s *brought) begins(all reports) bool {
	if len(s.told) > len(all.flights) {
		return false
	}
	for i, t := range s.told {
		if !bytes.Equal(t, all.flights[i]) {
			return false
		}
	}
	return true
}

// bring adds the reports of a flight to the sums.
func (m *Machine) bring(s *brought, t tale) {
	s.told = append(s.told, t)
	for rep, err := range (reports{flights: []tale{t}}).All() {
		if err == nil {
			err = m.learned(&s.gap, &s.drift, float64(rep.Examples)/float64(s.examples), rep)
		}
		if err != nil {
			s.err = fmt.Errorf("report of %s: %w", rep.From, err)
			return
		}
	}
}
