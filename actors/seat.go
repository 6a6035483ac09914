package actors

import (
	"fmt"
	"slices"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// seats are the participants awake on one worker. They are the worker actor's own.
type seats struct {
	all   map[method.ID]*seat
	bored []*seat              // idle, the longest first
	tally map[method.ID]*tally // of all that were ever awake here
}

// seat is one participant that is awake.
type seat struct {
	*tally
	whom  method.ID
	pid   *actor.PID
	state State // Idle or Working; leaving: on its way to Dormant
	mail  int   // inspects on their way to it
}

// leaving is the state of one that has been told to stop and has not yet. Its queue would
// be lost, so it gets no mail; its name is not free, so it cannot be woken again yet.
const leaving State = "leaving"

// tally counts what happened to a participant, over all its wakings.
type tally struct{ wakes, restarts int }

// wake makes the actor of a participant.
func (w *worker) wake(ctx actor.Context, whom method.ID) *seat {
	pid, err := ctx.SpawnNamed(actor.PropsFromProducer(func() actor.Actor {
		return &participant{stage: w.stage, whom: whom, about: w.facts(whom), worker: w.name, conn: w.conn, road: w.road}
	}, actor.WithMailbox(newMailbox)), "participant/"+whom.String())
	if err != nil {
		panic(fmt.Sprintf("%s cannot be woken: %v", whom, err))
	}
	n := w.seats.tally[whom]
	if n == nil {
		n = &tally{}
		w.seats.tally[whom] = n
	}
	n.wakes++
	s := &seat{tally: n, whom: whom, pid: pid, state: Idle}
	w.seats.all[whom] = s
	w.seats.bored = append(w.seats.bored, s)
	if watch := w.faults.population; watch != nil {
		watch(len(w.seats.all))
	}
	return s
}

// facts are what the world knows about a participant; nothing about the stand-ins that score
// deployed models.
func (w *worker) facts(whom method.ID) coordinator.Participant {
	if whom.Pool == coordinator.EvaluationPool {
		return coordinator.Participant{}
	}
	return w.about(whom)
}

// order is the message that sets a participant to work.
func (a *seats) order(s *seat, t *task) order {
	s.state = Working
	a.unbored(s)
	return order{task: t, tally: *s.tally}
}

// idle notes that a participant has nothing to do.
func (a *seats) idle(s *seat) {
	s.state = Idle
	a.bored = append(a.bored, s)
}

func (a *seats) unbored(s *seat) {
	a.bored = slices.DeleteFunc(a.bored, func(x *seat) bool { return x == s })
}

// passivate puts those to sleep that are idle beyond the budget, the longest idle first.
// One that mail is on its way to stays: stopping would lose it. Nothing has to be saved,
// since what a participant knows is in its lease and in the coordinator's book.
func (w *worker) passivate(ctx actor.Context) {
	for i := 0; i < len(w.seats.bored) && len(w.seats.bored) > w.warm; {
		s := w.seats.bored[i]
		if s.mail > 0 {
			i++
			continue
		}
		w.seats.leave(s)
		ctx.Stop(s.pid)
	}
}

// leave notes that a participant has been told to stop.
func (a *seats) leave(s *seat) {
	a.unbored(s)
	s.state = leaving
}

// left notes that it has stopped.
func (a *seats) left(pid *actor.PID) {
	if s := a.of(pid); s != nil {
		delete(a.all, s.whom)
	}
}

// of finds the seat of an actor.
func (a *seats) of(pid *actor.PID) *seat {
	for _, s := range a.all {
		if s.pid.Equal(pid) {
			return s
		}
	}
	return nil
}

// inspect passes the question on to a participant that is awake, and answers for one
// whose lease waits in the queue. For all others the coordinator answers.
func (w *worker) inspect(ctx actor.Context, m inspect) {
	if s := w.seats.all[m.whom]; s != nil {
		if s.state != leaving {
			s.mail++
			ctx.Send(s.pid, m)
		}
		return
	}
	i := slices.IndexFunc(w.queue, func(t *task) bool { return t.key.Whom == m.whom })
	if i < 0 {
		return
	}
	st := Status{Participant: m.whom.String(), State: Dormant, Worker: w.name, Round: w.queue[i].work.Round,
		Assignment: w.queue[i].work.Assign[0].Name, Note: w.queue[i].note}
	if n := w.seats.tally[m.whom]; n != nil {
		st.Wakes, st.Restarts = n.wakes, n.restarts
	}
	w.send(m.reply, "", st.encode())
}
