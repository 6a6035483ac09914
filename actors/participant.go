package actors

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// participant is the actor around one participant, of whatever role and pool. It is woken
// by its first lease, does one at a time in a slot of its worker, and answers whoever
// looks at it meanwhile. A panic of its work is its own: it fails, and its worker restarts
// it. What it remembers is a cache; all that counts is in the leases.
type participant struct {
	*stage
	whom   method.ID
	about  coordinator.Participant
	worker string
	conn   *mesh.Conn
	road   road

	task     *task // at work, or the last one
	busy     bool
	kept     []method.Named
	made     []method.Named
	visitors []inspect // who wait for a snapshot
	tally
}

// order sets a participant to work on a task, in the slot that the task brings along.
type order struct {
	task *task
	tally
}

// Receive takes one message.
func (p *participant) Receive(ctx actor.Context) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case crash:
			panic(r) // of the work: its supervisor, which is the worker, knows what to do
		default:
			p.end(panicked("participant "+p.whom.String(), r))
		}
	}()
	switch m := ctx.Message().(type) {
	case order:
		p.task, p.tally, p.busy = m.task, m.tally, true
		m.task.slot.jobs <- job{task: m.task, whom: ctx.Self()}
	case finished:
		p.finished(ctx, m)
	case taken:
		p.took(m)
	case inspect:
		ctx.Send(ctx.Parent(), looked{p.whom})
		p.asked(m, p.post(ctx.Self()))
	}
}

// finished passes on what came of the work.
func (p *participant) finished(ctx actor.Context, m finished) {
	if m.task != p.task || !p.busy {
		panic(fmt.Sprintf("%s: work came back that nobody gave out", p.whom))
	}
	if m.crash != nil {
		panic(*m.crash)
	}
	p.busy, p.kept, p.made = false, m.kept, m.made
	ctx.Send(ctx.Parent(), settled{task: m.task, wire: m.wire, failure: m.err})
	for _, v := range p.visitors { // the work was over before a snapshot could be taken
		p.answer(v, p.status(), p.kept, p.made)
	}
	p.visitors = nil
}

// status is how the participant is, as far as it knows itself.
func (p *participant) status() Status {
	s := Status{Participant: p.whom.String(), State: Idle, Worker: p.worker, Device: p.about.Tier, Rank: p.about.Rank,
		Examples: p.about.Examples, Wakes: p.wakes, Restarts: p.restarts}
	if p.task == nil {
		return s
	}
	s.Round, s.Note = p.task.work.Round, p.task.note
	at := p.task.at.Load()
	if at == nil {
		at = &stand{}
	}
	a := p.task.work.Assign[at.assignment]
	s.Assignment, s.Verb, s.Step, s.Steps, s.Loss = a.Name, method.Name(a.Recipe), at.step, at.of, ledger.Number(at.loss)
	if p.busy {
		s.State = Working
	}
	return s
}

// send says something on the mesh.
func (p *participant) send(subject string, data []byte) {
	if err := p.conn.Send(subject, "", data); err != nil && p.ctx.Err() == nil {
		p.end(err)
	}
}
