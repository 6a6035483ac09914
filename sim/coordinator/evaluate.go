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

// EachTask has an ask measured task by task as well.
const EachTask = "task"

// evaluation is the scoring of the deployed model for all asks that are due at once.
type evaluation struct {
	at   string
	asks []int       // indexes of the asks due
	ask  []int       // the ask of each lease
	whom []method.ID // whose model answers, in each; of no pool: everybody's
}

// scored is the point that an ask's curve has last been given: after so many rounds, of
// the model of that digest.
type scored struct {
	folded int
	model  string
}

// evaluate hands out the work of all evaluations due at this moment, or goes on at once
// when none is.
func (m *Machine) evaluate(at string) ([]Effect, error) {
	e := &evaluation{at: at}
	for i, a := range m.fixed.Asks {
		if m.due(i, a, at) {
			e.asks = append(e.asks, i)
		}
	}
	if len(e.asks) == 0 {
		return m.after(at)
	}
	m.turn++
	var leases []Lease
	for _, i := range e.asks {
		for chunk := range m.world.Chunks(i) {
			id, _ := m.world.Subject(i, chunk)
			l, err := m.scoreLease(i, len(leases), chunk, id)
			if err != nil {
				return nil, err
			}
			leases = append(leases, l)
			e.ask, e.whom = append(e.ask, i), append(e.whom, id)
		}
		m.drawn[i] = m.present()
	}
	if len(leases) == 0 {
		return nil, fmt.Errorf("there are no examples for the evaluations that are due at %q", at)
	}
	m.eval, m.phase = e, evaluating
	return m.hand(leases), nil
}

// due: an ask at every so many rounds is due at the start and at the end as well, so that
// its curve has both ends; and one of each task at the end of every stage at the start as
// well, so that its matrix has a row of the untrained model. After no round is a model scored twice for one curve: not at
// the round where the end is seen to follow, and not at the end where it was not seen.
func (m *Machine) due(i int, a Ask, at string) bool {
	switch {
	case at == atRound:
		return a.Every > 0 && m.place.folded%a.Every == 0 && !m.ending()
	case a.Every > 0 && at == atEnd:
		return m.place.folded == 0 || m.drawn[i] != m.present()
	case a.Every > 0:
		return at == atStart
	case at == atStart && a.Each == EachTask && a.At == atStageEnd:
		return true
	case at == atEnd:
		return a.At == atEnd || a.At == atStageEnd
	}
	return a.At == at
}

// present is the point that a curve would be given now.
func (m *Machine) present() scored { return scored{m.place.folded, digest(m.deploy)} }

// scoreLease is the n-th lease of a turn: one chunk of the examples of one ask. subject, if
// it is of a pool, is the participant whose model answers: with what it keeps, at its rank.
func (m *Machine) scoreLease(ask, n, chunk int, subject method.ID) (Lease, error) {
	a := m.fixed.Asks[ask]
	score := method.Score{Model: copied(m.deploy), Metrics: metric.Parts(a.Metrics), By: a.By,
		Data: method.Data{From: []method.Source{{Name: fmt.Sprintf("evaluate/%d/%d", ask, chunk)}}, Draw: method.InOrder}}
	id := method.ID{Pool: EvaluationPool, Index: n}
	work := method.WorkRequest{Whom: id, Round: m.place.round, Stage: m.sight(), Bases: m.fixed.Bases, Draws: []uint64{0}}
	var recipe method.Recipe = score
	work.Kept = wanted(m.about.Find(subject).kept(), nil)
	if subject.Pool != "" {
		var err error
		rank := m.world.Participant(subject).Rank
		if a.After.Steps > 0 {
			source := fmt.Sprintf("tune/%d/%d", ask, chunk)
			work.Assign = append(work.Assign, m.tune(a.After, source, max(rank, 0)))
			work.Draws = []uint64{m.fixed.Shared("tune", subject.Pool, subject.Index), 0}
			score.Model.Attach = append(score.Model.Attach, method.Attach{Name: tuned, From: method.From{Kept: true}, Scale: 1})
		}
		if recipe, err = own(score, rank); err != nil {
			return Lease{}, err
		}
	}
	work.Assign = append(work.Assign, method.Assignment{Name: "evaluate", Recipe: recipe})
	return newLease(m.turn, work), nil
}

// scored writes the evaluations of a turn once all their chunks are there.
func (m *Machine) scored(done *work) ([]Effect, error) {
	e := m.eval
	m.eval = nil
	for _, i := range e.asks {
		if err := m.writeEvaluation(e, i, done); err != nil {
			return nil, err
		}
	}
	return m.after(e.at)
}

// writeEvaluation adds the chunks of one ask together, in order, and judges what only the whole
// can be judged by.
func (m *Machine) writeEvaluation(e *evaluation, ask int, done *work) error {
	var all []method.Value
	a, examples := m.fixed.Asks[ask], 0
	for i, l := range done.leases {
		if e.ask[i] != ask {
			continue
		}
		reports := done.answers[l.Key.Whom].Reports
		rep := reports[len(reports)-1]
		all = append(all, rep.Values...)
		examples += rep.Examples
		if a.Each == "participant" {
			all = append(all, ofOne(e.whom[i], rep.Values)...)
		}
	}
	on := a.On
	if a.Of != "" {
		on += " of " + a.Of
	}
	if a.After.Steps > 0 {
		on += fmt.Sprintf(" after %d steps", a.After.Steps)
	}
	made, err := metric.Judged(a.Metrics, all)
	if err != nil {
		return err
	}
	task := ""
	if a.Each == EachTask && (e.at == atStageEnd || e.at == atEnd) {
		task = m.stage().Task
	}
	return m.book.Write(ledger.Evaluate{Task: task, Round: m.place.folded, At: e.at, Stage: m.stage().Name, On: on, Now: m.now,
		Up: m.spent.up, Down: m.spent.down, Flops: m.spent.flops, Examples: examples, Values: values(Combine(made))})
}

// ofOne are a participant's values over all its examples, as a group of its own.
func ofOne(whom method.ID, vs []method.Value) (out []method.Value) {
	for _, v := range vs {
		if v, is := metric.OfOne(v, whom.String()); is {
			out = append(out, v)
		}
	}
	return out
}

// after is where the trial goes on once the evaluations of a moment are written.
func (m *Machine) after(at string) ([]Effect, error) {
	switch at {
	case atStart:
		return m.play()
	case atRound:
		return m.openRound()
	case atStageEnd:
		return m.nextStage()
	}
	return m.end()
}
