package actors

import (
	"container/list"
	"fmt"
	"slices"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// seats are the participants awake on one worker. They are the worker actor's own.
type seats struct {
	all   map[method.ID]*seat
	named map[string]*seat        // by the names of their actors
	bored list.List               // of *seat: idle, the longest first
	tally coordinator.Roll[tally] // of all that were ever awake here
}

func newSeats() seats {
	return seats{all: map[method.ID]*seat{}, named: map[string]*seat{}}
}

// seat is one participant that is awake.
type seat struct {
	*tally
	whom  method.ID
	pid   *actor.PID
	sheet *sheets
	state State         // Idle or Working; leaving: on its way to Dormant
	place *list.Element // among the bored; nil: it is not bored
	mail  int           // inspects on their way to it
}

// leaving is the state of one that has been told to stop and has not yet. Its queue would
// be lost, so it gets no mail; its name is not free, so it cannot be woken again yet.
const leaving State = "leaving"

// tally counts what happened to a participant, over all its wakings.
type tally struct{ wakes, restarts int32 }

// wake makes the actor of a participant.
func (w *worker) wake(ctx actor.Context, whom method.ID) *seat {
	sheet := newSheets()
	pid, err := ctx.SpawnNamed(actor.PropsFromProducer(func() actor.Actor {
		return &participant{stage: w.stage, whom: whom, about: w.facts(whom), worker: w.name, conn: w.conn, road: w.road, sheet: sheet}
	}, actor.WithMailbox(newMailbox)), "participant/"+whom.String())
	if err != nil {
		panic(fmt.Sprintf("%s cannot be woken: %v", whom, err))
	}
	n := w.seats.tally.At(whom)
	n.wakes++
	s := &seat{tally: n, whom: whom, pid: pid, sheet: sheet}
	w.seats.all[whom], w.seats.named[pid.Id] = s, s
	w.seats.idle(s)
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

// work notes that a participant's task is in the hands of a slot.
func (a *seats) work(s *seat, t *task) {
	s.state = Working
	a.unbored(s)
	t.seat = s
	s.sheet.begin(t, *s.tally)
}

// idle notes that a participant has nothing to do.
func (a *seats) idle(s *seat) {
	s.state = Idle
	s.place = a.bored.PushBack(s)
}

func (a *seats) unbored(s *seat) {
	if s.place != nil {
		a.bored.Remove(s.place)
		s.place = nil
	}
}

// passivate puts those to sleep that are idle beyond the budget, the longest idle first.
// One that mail is on its way to stays: stopping would lose it. Nothing has to be saved,
// since what a participant knows is in its lease and in the coordinator's book.
func (w *worker) passivate(ctx actor.Context) {
	for e := w.seats.bored.Front(); e != nil && w.seats.bored.Len() > w.warm; {
		s := e.Value.(*seat)
		e = e.Next()
		if s.mail == 0 {
			w.seats.leave(s)
			ctx.Stop(s.pid)
		}
	}
}

// leave notes that a participant has been told to stop.
func (a *seats) leave(s *seat) {
	a.unbored(s)
	s.state = leaving
}

// left notes that it has stopped.
func (a *seats) left(pid *actor.PID) {
	if s := a.named[pid.Id]; s != nil {
		delete(a.all, s.whom)
		delete(a.named, pid.Id)
	}
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
	if n := w.seats.tally.Find(m.whom); n != nil {
		st.Wakes, st.Restarts = int(n.wakes), int(n.restarts)
	}
	w.send(m.reply, "", st.encode())
}
