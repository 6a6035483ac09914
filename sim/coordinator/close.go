package coordinator

import (
	"fmt"
	"iter"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// maxEmpty rounds in a row without a report end a trial.
const maxEmpty = 100

// close ends the work of a round once all have answered: durations make the clock move,
// and reports are written in participant order, whatever order they came in.
func (m *Machine) close() ([]Effect, error) {
	var reports reports
	var missing []method.Missing
	finish := m.now
	for _, l := range m.open.leases {
		id := l.Key.Whom
		at := m.now
		for i, rep := range m.open.answers[id].Reports {
			rep, spent, err := m.complete(id, i, rep)
			if err != nil {
				return nil, err
			}
			at += spent
			why, err := m.corrupt(rep)
			if err != nil {
				return nil, err
			}
			if why != "" {
				missing = append(missing, method.Missing{To: id, Name: rep.Name, Why: why})
				continue
			}
			reports = append(reports, rep)
		}
		finish = max(finish, at)
	}
	m.now = finish
	for _, x := range missing {
		if err := m.book.Write(ledger.Missing{Round: m.place.round - 1, From: x.To.String(), Name: x.Name, Why: x.Why}); err != nil {
			return nil, err
		}
	}
	if len(reports) == 0 {
		m.empty++
		if m.empty >= maxEmpty {
			return nil, fmt.Errorf("the last %d rounds closed without a single usable report; the last reason: %s", maxEmpty, missing[0].Why)
		}
		return m.openRound()
	}
	m.empty = 0
	m.phase = folding
	s := m.scene("fold")
	s.Round, s.Stage.Round = m.place.round-1, m.place.local-1
	m.open.fold = method.FoldRequest{Scene: s, Reports: reports, Missing: missing}
	return []Effect{AskFold{Member: m.place.member, Request: m.open.fold}}, nil
}

// complete adds to a report what the coordinator knows and the worker does not: whose it
// is, when, and what it cost. It writes the report's line.
func (m *Machine) complete(id method.ID, i int, rep method.Report) (method.Report, method.Seconds, error) {
	p := m.open.prices[id][i]
	up, err := m.uploaded(rep)
	if err != nil {
		return rep, 0, err
	}
	rep.From, rep.Round, rep.Age = id, m.place.round-1, 0
	rep.Up, rep.Down, rep.Spent = up, p.down, p.spend(up)
	m.spent.up += rep.Up
	m.spent.down += rep.Down
	m.spent.flops += p.flops
	line := ledger.Report{Round: rep.Round, From: id.String(), Name: rep.Name, Examples: rep.Examples, Share: rep.Share,
		Made: contents(rep.Made), Began: contents(rep.Began), Values: values(rep.Values),
		Up: rep.Up, Down: rep.Down, Flops: p.flops, Spent: rep.Spent, Warnings: rep.Warnings}
	return rep, rep.Spent, m.book.Write(line)
}

// uploaded is what travels back: four bytes a number.
func (m *Machine) uploaded(rep method.Report) (n int64, err error) {
	for _, made := range rep.Made {
		t, err := m.blobs.Open(made.Blob)
		if err != nil {
			return 0, err
		}
		n += 4 * int64(t.Floats())
	}
	return n, nil
}

// reports are a round's, in order; see [method.Reports].
type reports []method.Report

func (r reports) Len() int { return len(r) }

func (r reports) All() iter.Seq2[method.Report, error] {
	return func(yield func(method.Report, error) bool) {
		for _, rep := range r {
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
