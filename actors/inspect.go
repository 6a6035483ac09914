package actors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
)

// State is what a participant is at.
type State string

// The states of a participant, in the order in which it goes through them.
const (
	Dormant State = "dormant" // no actor; the book knows it
	Idle    State = "idle"    // awake, with nothing to do
	Working State = "working"
)

// Status is what a participant answers when it is looked at.
type Status struct {
	Participant string        `json:"participant"` // "client/17"
	State       State         `json:"state,omitempty"`
	Worker      string        `json:"worker,omitempty"` // where it is awake
	Device      string        `json:"device,omitempty"` // its class
	Rank        int           `json:"rank,omitempty"`   // the largest it can hold; 0: no limit
	Examples    int           `json:"examples"`         // of its shard
	Round       int           `json:"round"`            // of its work now, or of its last; from 0
	Assignment  string        `json:"assignment,omitempty"`
	Verb        string        `json:"verb,omitempty"` // "fit", "score"
	Step        int           `json:"step"`           // of Steps: what is done of the assignment
	Steps       int           `json:"steps"`
	Loss        ledger.Number `json:"loss,omitempty"` // of the step before
	Kept        []Held        `json:"kept,omitempty"` // stays there for later rounds
	Made        []Held        `json:"made,omitempty"` // by its last work; in a snapshot, as it is now
	Note        []byte        `json:"note,omitempty"` // what the method remembers about it
	Wakes       int           `json:"wakes"`
	Restarts    int           `json:"restarts"` // after panics in its work
	Error       string        `json:"error,omitempty"`
}

func (s Status) encode() []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("actors: a status cannot be encoded: %v", err))
	}
	return b
}

// inspect asks a participant how it is. It goes from the mesh to the worker, and on to the
// participant if that is awake. The coordinator, who hears it too, answers for the others.
type inspect struct {
	whom  method.ID
	ask   string // mesh.Inspect or mesh.Snapshot
	reply string
	late  bool // the time in which a worker would have answered is over
}

// inspected answers for a participant that no worker can answer for: at once for one that
// was never lent; else after a while, in which a worker that has it will have answered.
// The first answer is the one that is heard, and nobody is woken for it.
func (c *coordinatorActor) inspected(m inspect) {
	wait := time.Duration(0)
	switch {
	case m.late:
	case c.desk.lentTo(m.whom) != nil:
		wait = 20 * c.pace.dormant
	case c.book.touched.Find(m.whom) != nil:
		wait = c.pace.dormant
	}
	if wait == 0 {
		s := c.book.status(m.whom)
		made, kept := c.book.made(m.whom)
		if s.Error == "" && m.whom.Pool != coordinator.EvaluationPool {
			x := c.setup.World.Participant(m.whom)
			s.Device, s.Rank, s.Examples = x.Tier, x.Rank, x.Examples
		}
		c.beside.Go(func() { // blobs are looked at, beside the mailbox
			defer c.setup.Blobs.Hold()()
			s.Made, s.Kept = weigh(c.setup.Blobs, made), weigh(c.setup.Blobs, kept)
			c.conn.Answer(m.reply, s.encode())
		})
		return
	}
	m.late = true
	c.beside.Go(func() {
		select {
		case <-time.After(wait):
			c.self(m)
		case <-c.ctx.Done():
		}
	})
}

// Inspect looks at a participant of the trial that is running now, over the mesh, as
// anybody could. The trial does not notice.
func (c *Crew) Inspect(ctx context.Context, whom method.ID) (Status, error) {
	c.mu.Lock()
	x := c.show
	there := x != nil && x.visitor != nil
	c.mu.Unlock()
	if !there {
		return Status{}, errors.New("actors: no trial is running")
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(x.ctx, func() { cancel(errors.New("actors: the trial ended")) })()
	return Ask(ctx, x.visitor, x.subjects.Run, whom, mesh.Inspect)
}

// Ask asks a participant of a run how it is; ask is mesh.Inspect or mesh.Snapshot.
func Ask(ctx context.Context, conn *mesh.Conn, run string, whom method.ID, ask string) (Status, error) {
	answer, err := conn.Ask(ctx, mesh.Subjects{Run: run}.Participant(whom, ask), nil)
	if err != nil {
		return Status{}, errors.Join(err, context.Cause(ctx))
	}
	var s Status
	if err := json.Unmarshal(answer, &s); err != nil {
		return Status{}, fmt.Errorf("actors: %s answered nonsense: %w", whom, err)
	}
	if s.Error != "" {
		return s, fmt.Errorf("%w: %s: %s", ErrNobody, whom, s.Error)
	}
	return s, nil
}

// ErrNobody is wrapped by the error for a participant that there is not.
var ErrNobody = errors.New("actors: there is no such participant")
