package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Store is where blobs are. plugins/blob satisfies it.
type Store interface {
	method.Blobs
	Has(method.Blob) bool
}

// Machine is one trial. It is not safe for concurrent use: whoever drives it gives it one
// input at a time.
type Machine struct {
	fixed Fixed
	world World
	blobs Store
	book  *ledger.Book

	phase phase
	turn  int // of the keys now out
	place place
	now   method.Seconds

	states []method.State // one per member of the chain
	start  method.Model   // what the present member builds on
	deploy method.Model   // what would answer a user now

	about map[method.ID]*known // those touched
	open  *round               // the round in work
	eval  *evaluation          // the evaluation in work
	spent totals
	empty int // rounds in a row that closed without a report
}

// phase says which input comes next.
type phase string

const (
	waiting    phase = "waiting to begin"
	planning   phase = "planning"
	working    phase = "working"
	folding    phase = "folding"
	evaluating phase = "evaluating"
	ended      phase = "ended"
)

// place is where the trial stands.
type place struct {
	stage, member int
	round         int // over all stages and members: rounds opened so far
	local         int // rounds that this member has had in this stage
	folded        int // rounds folded so far
}

// totals are what all participants together have spent.
type totals struct {
	up, down int64
	flops    float64
}

// New returns a machine that waits for [Begin]. head becomes the first line of the book.
func New(f Fixed, w World, blobs Store, book *ledger.Book, head ledger.Trial) (*Machine, error) {
	m := &Machine{fixed: f, world: w, blobs: blobs, book: book, phase: waiting,
		states: make([]method.State, len(f.Members)), about: map[method.ID]*known{}}
	for _, member := range f.Members {
		for _, role := range member.Card.Roles {
			if _, err := m.pool(member, role); err != nil {
				return nil, err
			}
		}
	}
	return m, book.Write(head)
}

// Step gives the machine one input and returns what it wants done next. An error ends the
// trial; the machine is of no use after one.
func (m *Machine) Step(in Input) ([]Effect, error) {
	switch in := in.(type) {
	case Begin:
		if err := m.expect(waiting); err != nil {
			return nil, err
		}
		return m.begin()
	case Planned:
		if err := m.expect(planning); err != nil {
			return nil, err
		}
		return m.planned(in.Response)
	case Worked:
		return m.worked(in)
	case Folded:
		if err := m.expect(folding); err != nil {
			return nil, err
		}
		return m.folded(in.Response)
	}
	panic(fmt.Sprintf("coordinator: %T is no input", in))
}

func (m *Machine) expect(p phase) error {
	if m.phase != p {
		return fmt.Errorf("coordinator: an input for %q came while %s", p, m.phase)
	}
	return nil
}

func (m *Machine) begin() ([]Effect, error) {
	m.enter(0, 0)
	return m.evaluate(atStart)
}

// enter moves to a member of a stage. The first member of a stage builds on the stage's
// base, later ones on what the one before them deployed. What is deployed stays until a
// method deploys something else, or the base changes under it.
func (m *Machine) enter(stage, member int) {
	m.place.stage, m.place.member, m.place.local = stage, member, 0
	base := m.fixed.Stages[stage].Base
	if m.deploy.Base == "" || member == 0 && m.fixed.Stages[max(stage-1, 0)].Base != base {
		m.deploy = method.Model{Base: base}
	}
	m.start = m.deploy
	if member == 0 {
		m.start = method.Model{Base: base}
	}
}

// goOn opens a round for the present member, or passes it by where it has no part in the
// present stage.
func (m *Machine) goOn() ([]Effect, error) {
	if m.active() {
		return m.openRound()
	}
	return m.next()
}

// active says whether the present member works in the present stage.
func (m *Machine) active() bool {
	in := m.member().Stages
	if len(in) == 0 {
		return true
	}
	for _, name := range in {
		if name == m.stage().Name {
			return true
		}
	}
	return false
}

func (m *Machine) member() Member { return m.fixed.Members[m.place.member] }
func (m *Machine) stage() Stage   { return m.fixed.Stages[m.place.stage] }

// next goes on after the present member has had its rounds: to the next member, the next
// stage, or the end.
func (m *Machine) next() ([]Effect, error) {
	switch {
	case m.place.member+1 < len(m.fixed.Members):
		m.enter(m.place.stage, m.place.member+1)
		return m.goOn()
	case m.place.stage+1 < len(m.fixed.Stages):
		return m.evaluate(atStageEnd)
	}
	return m.evaluate(atEnd)
}

func (m *Machine) nextStage() ([]Effect, error) {
	m.enter(m.place.stage+1, 0)
	return m.goOn()
}

func (m *Machine) end() ([]Effect, error) {
	m.phase = ended
	err := m.book.Write(ledger.End{Rounds: m.place.folded, Now: m.now, Up: m.spent.up, Down: m.spent.down,
		Flops: m.spent.flops, Deploy: digest(m.deploy)})
	return []Effect{Finished{}}, err
}
