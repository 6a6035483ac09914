package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/metric"
)

// The moments at which evaluations fall due.
const (
	atStart    = "start"
	atRound    = "round"
	atStageEnd = "stage-end"
	atEnd      = "end"
)

// evaluation is the scoring of the deployed model for all asks that are due at once.
type evaluation struct {
	at      string
	asks    []int // indexes of the asks due
	answers map[method.ID]method.WorkResponse
	leases  []Lease
	ask     []int // the ask of each lease
}

// evaluate hands out the work of all evaluations due at this moment, or goes on at once
// when none is.
func (m *Machine) evaluate(at string) ([]Effect, error) {
	e := &evaluation{at: at, answers: map[method.ID]method.WorkResponse{}}
	for i, a := range m.fixed.Asks {
		if m.due(a, at) {
			e.asks = append(e.asks, i)
		}
	}
	if len(e.asks) == 0 {
		return m.after(at)
	}
	m.turn++
	n := 0
	for _, i := range e.asks {
		for chunk := range m.world.Chunks(i) {
			e.leases = append(e.leases, m.scoreLease(i, n, chunk))
			e.ask = append(e.ask, i)
			n++
		}
	}
	m.eval, m.phase = e, evaluating
	return []Effect{DoWork{Leases: e.leases}}, nil
}

// due: an ask at every so many rounds is due at the start and at the end as well, so that
// its curve has both ends.
func (m *Machine) due(a Ask, at string) bool {
	switch {
	case at == atRound:
		return a.Every > 0 && m.place.folded%a.Every == 0 && !m.lastRound()
	case a.Every > 0:
		return at == atStart || at == atEnd
	case at == atEnd:
		return a.At == atEnd || a.At == atStageEnd
	}
	return a.At == at
}

// lastRound says that the end follows at once, so that nothing is scored twice.
func (m *Machine) lastRound() bool {
	last := m.place.stage == len(m.fixed.Stages)-1 && m.place.member == len(m.fixed.Members)-1
	return last && m.member().Rounds > 0 && m.place.local >= m.member().Rounds
}

// scoreLease is the n-th lease of a turn: one chunk of the examples of one ask.
func (m *Machine) scoreLease(ask, n, chunk int) Lease {
	a := m.fixed.Asks[ask]
	score := method.Score{Model: m.deploy, Metrics: a.Metrics, By: a.By,
		Data: method.Data{From: []method.Source{{Name: fmt.Sprintf("evaluate/%d/%d", ask, chunk)}}, Draw: method.InOrder}}
	id := method.ID{Pool: EvaluationPool, Index: n}
	return Lease{Key: Key{Turn: m.turn, Whom: id}, Work: method.WorkRequest{Whom: id, Round: m.place.round,
		Stage: m.scene("evaluate").Stage, Bases: m.fixed.Bases, Draws: []uint64{0},
		Assign: []method.Assignment{{Name: "evaluate", Recipe: score}}}}
}

func (m *Machine) scored(in Worked) ([]Effect, error) {
	e := m.eval
	if _, twice := e.answers[in.Key.Whom]; twice {
		return nil, nil
	}
	if len(in.Response.Reports) != 1 {
		return nil, fmt.Errorf("%s was asked to score once and answered with %d reports", in.Key.Whom, len(in.Response.Reports))
	}
	e.answers[in.Key.Whom] = in.Response
	if len(e.answers) < len(e.leases) {
		return nil, nil
	}
	for _, i := range e.asks {
		if err := m.writeEvaluation(i); err != nil {
			return nil, err
		}
	}
	m.eval = nil
	return m.after(e.at)
}

// writeEvaluation adds the chunks of one ask together, in order.
func (m *Machine) writeEvaluation(ask int) error {
	var all []method.Value
	examples := 0
	for i, l := range m.eval.leases {
		if m.eval.ask[i] != ask {
			continue
		}
		rep := m.eval.answers[l.Key.Whom].Reports[0]
		all = append(all, rep.Values...)
		examples += rep.Examples
	}
	return m.book.Write(ledger.Evaluate{Round: m.place.folded, At: m.eval.at, Stage: m.stage().Name, On: m.fixed.Asks[ask].On, Now: m.now,
		Up: m.spent.up, Down: m.spent.down, Flops: m.spent.flops, Examples: examples, Values: values(Combine(all))})
}

// after is where the trial goes on once the evaluations of a moment are written.
func (m *Machine) after(at string) ([]Effect, error) {
	switch at {
	case atStart, atRound:
		return m.goOn()
	case atStageEnd:
		return m.nextStage()
	}
	return m.end()
}

// Combine joins values of one name and group by weight, in the order in which each name
// and group first appears. What the metric catalogue knows is joined by its own rule, the
// rest by the weighted mean; sums run in float64, in order.
func Combine(vs []method.Value) []method.Value {
	var out []method.Value
	all := map[[2]string][]metric.Weighted{}
	for _, v := range vs {
		key := [2]string{v.Name, v.Group}
		if all[key] == nil {
			out = append(out, method.Value{Name: v.Name, Group: v.Group})
		}
		all[key] = append(all[key], metric.Weighted{Value: v.Value, Weight: v.Weight})
	}
	for i, v := range out {
		m, err := metric.Lookup(v.Name)
		if err != nil {
			m = metric.Metric{Name: v.Name} // a method's own measurement
		}
		mean := m.Mean(all[[2]string{v.Name, v.Group}])
		out[i].Value, out[i].Weight = mean.Value, mean.Weight
	}
	return out
}
