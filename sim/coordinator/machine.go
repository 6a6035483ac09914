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
	// Hold keeps what is opened from now on as it is until release is called. Without it a tensor
	// may be written over while it is looked at: who drives the machine, or keeps its checkpoints,
	// throws away what no round names, beside it.
	Hold() (release func())
}

// Machine is one trial. It is not safe for concurrent use: whoever drives it gives it one
// input at a time.
type Machine struct {
	fixed Fixed
	world World
	blobs Store
	book  *ledger.Book

	phase phase
	place place
	now   method.Seconds
	chain []standing   // one per member
	start method.Model // what the present member builds on
	// deploy is what would answer a user now, whichever member deployed it.
	deploy method.Model

	turn      int     // of the leases given out last
	air       flights // the leases of rounds
	out       *work   // those of an evaluation; nil when all have answered
	open      *round
	foreseen  *offer    // of the round after the one that is being folded; nil: none yet
	unwritten unwritten // of the round that is being folded
	eval      *evaluation
	drawn     map[int]scored // by ask: where its curve was measured last

	about    Roll[known]       // participants touched
	contents Seen              // blobs opened since the last round closed: what outlives a round is looked at once in each
	brought  Seen              // blobs of the present answer, at which nobody will look so soon again
	seen     Seen              // in the present answer, by whoever brings it
	tales    tales             // of the answers that have come
	outcomes []outcome         // room for those of one answer
	makes    makes             // of the assignment that was answered last
	fits     map[fitting]error // whether blobs can be attached
	spent    totals
	empty    int // rounds in a row that closed without a report

	recalled []Key  // in this step
	keeper   Keeper // nil: nobody keeps checkpoints
	resumed  bool   // it goes on from a checkpoint
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

// totals are what all participants together have spent.
type totals struct {
	up, down int64 // bytes
	flops    float64
}

// New returns a machine that waits for [Begin]. head becomes the first line of the book.
func New(f Fixed, w World, blobs Store, book *ledger.Book, head ledger.Trial) (*Machine, error) {
	m, err := bare(f, w, blobs, book)
	if err != nil {
		return nil, err
	}
	return m, book.Write(head)
}

// bare is a machine that knows its trial and nothing else.
func bare(f Fixed, w World, blobs Store, book *ledger.Book) (*Machine, error) {
	if len(f.Stages) == 0 || len(f.Members) == 0 {
		panic(fmt.Sprintf("coordinator: a trial of %d stages and %d members", len(f.Stages), len(f.Members)))
	}
	m := &Machine{fixed: f, world: w, blobs: blobs, book: book, phase: waiting,
		chain: make([]standing, len(f.Members)), drawn: map[int]scored{}, contents: Seen{}, brought: Seen{}, fits: map[fitting]error{}}
	for _, p := range f.Pools {
		if p.Name == EvaluationPool {
			return nil, fmt.Errorf("a pool is called %q, which is the name of those who score deployed models; give it another", p.Name)
		}
	}
	for _, member := range f.Members {
		for _, role := range member.Card.Roles {
			if _, err := m.pool(member, role); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// Step gives the machine one input and returns what it wants done next. An error ends the
// trial, and the machine is of no use after one; only one that wraps [ErrAnswer] leaves it
// as it was.
func (m *Machine) Step(in Input) ([]Effect, error) {
	return m.recalling(m.take(in))
}

// recalling adds those leases that nobody waits for any more.
func (m *Machine) recalling(effects []Effect, err error) ([]Effect, error) {
	if err == nil && len(m.recalled) > 0 {
		effects = append([]Effect{Recall{Keys: m.recalled}}, effects...)
		m.recalled = nil
	}
	return effects, err
}

func (m *Machine) take(in Input) ([]Effect, error) {
	switch in := in.(type) {
	case Begin:
		if err := m.expect(waiting); err != nil {
			return nil, err
		}
		if m.resumed {
			return m.goOn()
		}
		return m.begin()
	case Planned:
		if err := m.expect(planning); err != nil {
			return nil, err
		}
		return m.planned(copied(in.Response))
	case *Worked:
		return m.worked(in)
	case Folded:
		if err := m.expect(folding); err != nil {
			return nil, err
		}
		return m.folded(copied(in.Response))
	}
	panic(fmt.Sprintf("coordinator: %T is no input", in))
}

func (m *Machine) expect(p phase) error {
	if m.phase != p {
		return fmt.Errorf("coordinator: an input for %q came while %s", p, m.phase)
	}
	return nil
}
