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

// close ends the work of a round once all have answered: durations make the clock move,
// and reports are written in participant order, whatever order they came in. A report that
// came and cannot be used has both its line, for what it cost, and that of its loss. A
// round without one that can is not folded, and the next plan sees the state and the model
// that this one left.
func (m *Machine) close(done *work) ([]Effect, error) {
	var usable reports
	var missing []method.Missing
	finish := m.now
	for _, l := range done.leases {
		all, spent, err := m.outcomes(l, done.answers[l.Key.Whom].Reports)
		if err != nil {
			return nil, err
		}
		finish = max(finish, m.now+spent)
		for _, o := range all {
			if err := m.book.Write(o.line()); err != nil {
				return nil, err
			}
			if o.unusable != "" {
				missing = append(missing, method.Missing{To: o.From, Name: o.Name, Why: o.unusable})
				continue
			}
			usable = append(usable, o.Report)
		}
	}
	m.now = finish
	for _, x := range missing {
		if err := m.book.Write(ledger.Missing{Round: m.place.round, From: x.To.String(), Name: x.Name, Why: x.Why}); err != nil {
			return nil, err
		}
	}
	if len(usable) == 0 {
		return m.void(missing[0].Why)
	}
	m.empty = 0
	m.phase = folding
	m.open.fold = method.FoldRequest{Scene: m.scene("fold"), Reports: usable, Missing: missing}
	request := m.open.fold
	request.Scene, request.Missing = m.scene("fold"), slices.Clone(missing)
	return []Effect{AskFold{Member: m.place.member, Request: request}}, nil
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
	unusable string // why; "": it is usable
}

// outcomes completes the reports to one lease and adds up the time they took, one after
// the other in plan order; they are returned by name.
func (m *Machine) outcomes(l Lease, reports []method.Report) (all []outcome, spent method.Seconds, err error) {
	for i, rep := range reports {
		p := m.open.prices[l.Key.Whom][i]
		rep.From, rep.Round, rep.Age = l.Key.Whom, m.place.round, 0
		rep.Up, rep.Down = 0, p.down
		for _, made := range rep.Made {
			n, err := m.sizeBytes(made.Blob)
			if err != nil {
				return nil, 0, err
			}
			rep.Up += n
		}
		rep.Spent = p.spend(rep.Up)
		spent += rep.Spent
		m.spent.up += rep.Up
		m.spent.down += rep.Down
		m.spent.flops += p.flops
		why, err := m.corrupt(l.Work.Assign[i], rep)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, outcome{rep, p.flops, why})
	}
	slices.SortFunc(all, func(a, b outcome) int { return strings.Compare(a.Name, b.Name) })
	return all, spent, nil
}

func (o outcome) line() ledger.Report {
	return ledger.Report{Round: o.Round, From: o.From.String(), Name: o.Name, Examples: o.Examples, Share: o.Share,
		Made: contents(o.Made), Began: contents(o.Began), Values: values(o.Values),
		Up: o.Up, Down: o.Down, Flops: o.flops, Spent: o.Spent, Warnings: o.Warnings}
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
