package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// maxEmpty rounds in a row without a usable report end a trial.
const maxEmpty = 100

// close ends the work of a round: the clock goes to where it closed, and reports are written
// in order, whatever order they came in. A report that came and cannot be used has both its
// line, for what it cost, and that of its loss. A round without one that can is not folded,
// and the next plan sees the state and the model that this one left.
func (m *Machine) close(landed, late []*flight, at method.Seconds) ([]Effect, error) {
	all := reports{flights: make([]tale, 0, len(landed)), folded: m.place.folded}
	var missing []loss
	for _, f := range landed {
		m.keepOf(f)
		for _, p := range f.prices {
			m.spent.down += p.down
			m.spent.flops += p.Flops
		}
		m.spent.up += f.up
		all.flights = append(all.flights, f.tale)
		all.usable += len(f.prices) - f.unusable
		all.taught.reports += f.taught.reports
		all.taught.examples += f.taught.examples
		if f.unusable == 0 {
			continue
		}
		for o := range (reports{flights: []tale{f.tale}}).outcomes() {
			if o.unusable != "" {
				missing = append(missing, loss{Missing: method.Missing{To: o.From, Name: o.Name, Why: o.unusable}, round: o.Round})
			}
		}
	}
	m.now = at
	m.open.orders, m.open.leased, m.open.steps, m.open.asked = nil, 0, nil, nil // nobody asks any more who was asked
	missing = append(missing, m.lost(m.open.dropped, whyDropped)...)
	missing = append(missing, m.lost(late, whyLate)...)
	m.unwritten = unwritten{all, missing}
	if m.keeper == nil || all.usable == 0 { // nobody will ask for a rest
		if err := m.write(); err != nil {
			return nil, err
		}
	}
	if all.usable == 0 {
		return m.void(missing[0].Why)
	}
	m.empty = 0
	m.phase = folding
	gone := make([]method.Missing, len(missing))
	for i, x := range missing {
		gone[i] = x.Missing
	}
	m.open.fold = method.FoldRequest{Scene: m.scene("fold"), Reports: all, Missing: gone}
	request := m.open.fold
	request.Scene, request.Missing = m.given(request.Scene), slices.Clone(gone)
	return m.resting(AskFold{Member: m.place.member, Request: request, Next: m.foresee()}), nil
}

// unwritten is what a round brought and the book has not been told yet: the method that folds
// it need not wait for that.
type unwritten struct {
	reports reports
	missing []loss
}

// write tells the book what is unwritten.
func (m *Machine) write() error {
	now := m.unwritten
	m.unwritten = unwritten{}
	var line reportLine
	for o := range now.reports.outcomes() {
		if err := m.book.Write(line.of(&o)); err != nil {
			return err
		}
	}
	for _, x := range now.missing {
		if err := m.book.Write(x.line()); err != nil {
			return err
		}
	}
	return nil
}

// void closes a round that brought nothing.
func (m *Machine) void(why string) ([]Effect, error) {
	m.empty++
	if m.empty >= maxEmpty {
		return nil, fmt.Errorf("the last %d rounds closed without a single usable report; the last reason: %s", maxEmpty, why)
	}
	m.closed()
	return m.openRound()
}

// keepOf notes what the participant of a flight keeps from now on. An upload that is lost or
// damaged on its way loses nothing of it; with one that was made wrong it is thrown away,
// all that the lease kept.
func (m *Machine) keepOf(f *flight) {
	if !f.spoiled && len(f.kept) > 0 {
		k := m.about.At(f.lease.Key.Whom).owned()
		k.Kept = method.Keeping(k.Kept, f.kept)
	}
}

// reportLine is the line of a report, with memory for the next.
type reportLine struct {
	ledger.Report
	made, began, kept []ledger.Content
	values            []ledger.Value
}

// of writes an outcome over the line before.
func (l *reportLine) of(o *outcome) *ledger.Report {
	l.made, l.began, l.kept = contents(l.made, o.Made), contents(l.began, o.Began), contents(l.kept, o.kept)
	l.values = appendValues(slices.Grow(l.values[:0], 1), o.Values)
	l.Report = ledger.Report{Round: o.Round, Age: o.Age, From: o.From.String(), Name: o.Name, Examples: o.Examples, Share: o.Share,
		Made: l.made, Began: l.began, Kept: l.kept, Values: l.values,
		Up: o.Up, Down: o.Down, Flops: o.flops, Spent: o.Spent, Energy: o.energy, Warnings: o.Warnings}
	return &l.Report
}

// contents is a list as it is told, which is never null, in the memory of another.
func contents(room []ledger.Content, named []method.Named) []ledger.Content {
	room = slices.Grow(room[:0], 1)
	for _, n := range named {
		room = append(room, ledger.Content{Name: n.Name, Blob: n.Blob})
	}
	return room
}

func values(vs []method.Value) []ledger.Value {
	return appendValues(make([]ledger.Value, 0, len(vs)), vs)
}

func appendValues(out []ledger.Value, vs []method.Value) []ledger.Value {
	for _, v := range vs {
		out = append(out, ledger.Value{Name: v.Name, Group: v.Group, Value: ledger.Number(v.Value), Weight: v.Weight})
	}
	return out
}
