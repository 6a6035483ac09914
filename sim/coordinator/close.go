package coordinator

import (
	"fmt"
	"iter"
	"slices"
	"strings"

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
	usable, told := make(reports, 0, len(landed)), make([]outcome, 0, len(landed))
	var missing []loss
	for _, f := range landed {
		from := len(told)
		var err error
		if told, err = m.outcomes(f, told); err != nil {
			return nil, err
		}
		m.keepOf(f, told[from:])
		for _, o := range told[from:] {
			if o.unusable != "" {
				missing = append(missing, loss{Missing: method.Missing{To: o.From, Name: o.Name, Why: o.unusable}, round: f.round})
				continue
			}
			usable = append(usable, o.Report)
		}
	}
	m.now = at
	missing = append(missing, m.lost(m.open.dropped, whyDropped)...)
	missing = append(missing, m.lost(late, whyLate)...)
	m.unwritten = unwritten{told, missing}
	if m.keeper == nil || len(usable) == 0 { // nobody will ask for a rest
		if err := m.write(); err != nil {
			return nil, err
		}
	}
	if len(usable) == 0 {
		return m.void(missing[0].Why)
	}
	m.empty = 0
	m.phase = folding
	gone := make([]method.Missing, len(missing))
	for i, x := range missing {
		gone[i] = x.Missing
	}
	m.open.fold = method.FoldRequest{Scene: m.scene("fold"), Reports: usable, Missing: gone}
	request := m.open.fold
	request.Scene, request.Missing = m.scene("fold"), slices.Clone(gone)
	return m.resting(AskFold{Member: m.place.member, Request: request}), nil
}

// unwritten is what a round brought and the book has not been told yet: the method that folds
// it need not wait for that.
type unwritten struct {
	reports []outcome
	missing []loss
}

// write tells the book what is unwritten.
func (m *Machine) write() error {
	now := m.unwritten
	m.unwritten = unwritten{}
	for _, o := range now.reports {
		if err := m.book.Write(o.line()); err != nil {
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

// outcome is a report with what the coordinator knows of it and the worker does not.
type outcome struct {
	method.Report
	flops    float64
	energy   float64
	kept     []method.Named // by this assignment
	unusable string         // why; "": it is usable
}

// outcomes completes the reports of a flight, and adds them to others by name.
func (m *Machine) outcomes(f *flight, to []outcome) (all []outcome, err error) {
	all = to
	for i, rep := range f.reports {
		p := f.prices[i]
		rep.From, rep.Round, rep.Age = f.lease.Key.Whom, f.round, m.place.folded-f.folded
		rep.Down = p.down
		if rep.Up, err = m.sent(rep); err != nil {
			return nil, err
		}
		spent := p.spent(rep.Up)
		rep.Spent = spent.Time
		m.spent.up += rep.Up
		m.spent.down += rep.Down
		m.spent.flops += p.Flops
		if _, fit := f.lease.Work.Assign[i].Recipe.(method.Fit); fit && f.fate.Share > 0 {
			rep.Share = f.fate.Share
		}
		a := f.lease.Work.Assign[i]
		kept := slices.DeleteFunc(method.Keeping(nil, f.kept), func(n method.Named) bool { return !slices.Contains(a.Keeps(), n.Name) })
		why, err := m.corrupt(a, rep.Made, kept)
		if err != nil {
			return nil, err
		}
		switch {
		case why != "":
			kept = nil
		case f.fate.Lost:
			why = whyLost
		case f.fate.Corrupt: // on its way: what stayed is whole
			why = whyCorrupt
		}
		all = append(all, outcome{rep, p.Flops, spent.Energy, kept, why})
	}
	slices.SortFunc(all[len(to):], func(a, b outcome) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// keepOf notes what the participant of a flight keeps from now on. An upload that is lost or
// damaged on its way loses nothing of it; with one that was made wrong it is thrown away,
// all that the lease kept.
func (m *Machine) keepOf(f *flight, all []outcome) {
	for _, o := range all {
		if o.unusable != "" && o.unusable != whyLost && o.unusable != whyCorrupt {
			return
		}
	}
	if len(f.kept) > 0 {
		k := m.about.At(f.lease.Key.Whom).owned()
		k.Kept = method.Keeping(k.Kept, f.kept)
	}
}

// sent is what a report uploads, in bytes.
func (m *Machine) sent(rep method.Report) (up int64, err error) {
	for _, made := range rep.Made {
		x, err := m.look(made.Blob)
		if err != nil {
			return 0, err
		}
		up += x.bytes
	}
	return up, nil
}

func (o outcome) line() ledger.Report {
	return ledger.Report{Round: o.Round, Age: o.Age, From: o.From.String(), Name: o.Name, Examples: o.Examples, Share: o.Share,
		Made: contents(o.Made), Began: contents(o.Began), Kept: contents(o.kept), Values: values(o.Values),
		Up: o.Up, Down: o.Down, Flops: o.flops, Spent: o.Spent, Energy: o.energy, Warnings: o.Warnings}
}

// reports are a round's, in order; see [method.Reports]. Each pass brings copies.
type reports []method.Report

func (r reports) Len() int { return len(r) }

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for _, rep := range r {
			rep.Made, rep.Began = slices.Clone(rep.Made), slices.Clone(rep.Began)
			rep.Values, rep.Warnings = slices.Clone(rep.Values), slices.Clone(rep.Warnings)
			if !yield(rep, nil) {
				return
			}
		}
	}
}

func contents(named []method.Named) []ledger.Content {
	out := make([]ledger.Content, len(named))
	for i, n := range named {
		out[i] = ledger.Content{Name: n.Name, Blob: n.Blob}
	}
	return out
}

func values(vs []method.Value) []ledger.Value {
	out := make([]ledger.Value, len(vs))
	for i, v := range vs {
		out[i] = ledger.Value{Name: v.Name, Group: v.Group, Value: ledger.Number(v.Value), Weight: v.Weight}
	}
	return out
}
