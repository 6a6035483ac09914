package actors

import (
	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// participant is the actor around one participant, of whatever role and pool. It is woken
// by its first lease and answers whoever looks at it, while a slot of its worker does its
// work. A panic of its work is its own: it fails, and its worker restarts it. What it
// remembers is a cache; all that counts is in the leases.
type participant struct {
	*stage
	whom   method.ID
	about  coordinator.Participant
	worker string
	conn   *mesh.Conn
	road   road

	sheet    *sheets
	visitors []inspect // who wait for a snapshot
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
	case crash:
		panic(m)
	case taken:
		p.took(m)
	case inspect:
		ctx.Send(ctx.Parent(), looked{p.whom})
		p.asked(m, p.post(ctx.Self()))
	}
}

// status is how the participant is, as far as it knows itself.
func (p *participant) status(now *sheet) Status { return p.statusAt(now, now.stand()) }

func (p *participant) statusAt(now *sheet, at stand) Status {
	s := Status{Participant: p.whom.String(), State: Idle, Worker: p.worker, Device: p.about.Tier, Rank: p.about.Rank,
		Examples: p.about.Examples, Wakes: int(now.wakes), Restarts: int(now.restarts)}
	t := now.task
	if t == nil {
		return s
	}
	s.Round, s.Note = t.work.Round, t.note
	a := t.work.Assign[at.assignment]
	s.Assignment, s.Verb, s.Step, s.Steps, s.Loss = a.Name, method.Name(a.Recipe), at.step, at.of, ledger.Number(at.loss)
	if now.busy {
		s.State = Working
	} else {
		s.Step = at.of // what was begun last is done
	}
	return s
}

// send says something on the mesh.
func (p *participant) send(subject string, data []byte) {
	if err := p.conn.Send(subject, "", data); err != nil && p.ctx.Err() == nil {
		p.end(err)
	}
}
