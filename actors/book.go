package actors

import (
	"fmt"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// book is what can be told about participants that are asleep. The machine has the book
// that counts; this one only answers the curious.
type book struct {
	pools   map[string]int // their sizes
	touched map[method.ID]*entry
}

// entry is one participant that has worked or about whom something was noted.
type entry struct {
	worker   string // where it worked last
	round    int    // of that work, from 0
	assign   string
	note     []byte
	wakes    int
	restarts int
	made     []method.Named // by that work
	kept     []method.Named // after it
}

func newBook(s sim.Setup) *book {
	b := &book{pools: map[string]int{}, touched: map[method.ID]*entry{}}
	cards := make([]method.Card, len(s.Methods))
	for _, p := range s.World.Fixed(cards, s.Plugins).Pools {
		b.pools[p.Name] = p.Size
	}
	return b
}

func (b *book) entry(whom method.ID) *entry {
	e := b.touched[whom]
	if e == nil {
		e = &entry{}
		b.touched[whom] = e
	}
	return e
}

// worked notes who did a lease, and where.
func (b *book) worked(worker string, l coordinator.Lease, r mesh.Report, answer method.WorkResponse) {
	e := b.entry(l.Key.Whom)
	e.worker, e.round, e.wakes, e.restarts = worker, l.Work.Round, r.Wakes, r.Restarts
	e.assign, e.made = l.Work.Assign[len(l.Work.Assign)-1].Name, nil
	e.kept = method.Keeping(e.kept, method.Keeping(l.Work.Kept, answer.Kept))
	for _, rep := range answer.Reports {
		e.made = append(e.made, rep.Made...)
	}
}

// made is what a participant brought last, and what it keeps since.
func (b *book) made(whom method.ID) (made, kept []method.Named) {
	if e := b.touched[whom]; e != nil {
		return e.made, e.kept
	}
	return nil, nil
}

// note keeps what a method noted about participants.
func (b *book) note(in coordinator.Input) {
	folded, ok := in.(coordinator.Folded)
	if !ok {
		return
	}
	for _, n := range folded.Response.Notes {
		b.entry(n.About).note = n.Text
	}
}

func (b *book) noteOn(whom method.ID) []byte {
	if e := b.touched[whom]; e != nil {
		return e.note
	}
	return nil
}

// elsewhere says that a participant may be awake at another worker than this.
func (b *book) elsewhere(whom method.ID, worker string) bool {
	e := b.touched[whom]
	return e != nil && e.worker != "" && e.worker != worker
}

// status tells of a participant that is asleep, or why there is none.
func (b *book) status(whom method.ID) Status {
	st := Status{Participant: whom.String(), State: Dormant}
	size, known := b.pools[whom.Pool]
	switch {
	case whom.Pool == coordinator.EvaluationPool:
	case !known:
		return Status{Participant: whom.String(), Error: fmt.Sprintf("the scenario has no pool %q", whom.Pool)}
	case whom.Index >= size:
		return Status{Participant: whom.String(), Error: fmt.Sprintf("the pool %q has %d participants, from 0", whom.Pool, size)}
	}
	if e := b.touched[whom]; e != nil {
		st.Round, st.Assignment, st.Note, st.Wakes, st.Restarts = e.round, e.assign, e.note, e.wakes, e.restarts
	}
	return st
}
