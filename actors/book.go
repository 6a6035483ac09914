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
	touched coordinator.Roll[entry]
	words   []string // names of workers, of assignments and of what they make, each once
	places  map[string]word
}

// word is a name by its place among the words; 0: none.
type word uint32

// entry is one participant that has worked or about whom something was noted.
type entry struct {
	worker      word // where it worked last
	assign      word
	round       int32 // of that work, from 0
	wakes       int32
	restarts    int32
	made        brought // by that work, first
	*remembered         // nil: nothing
}

// brought is a blob with the name it goes by, as short as it can be.
type brought struct {
	name word
	blob method.Hash
}

// remembered is what most participants have nothing of.
type remembered struct {
	note []byte
	kept []method.Named // after its last work
	made []brought      // by that work, but the first
}

func newBook(s sim.Setup) *book {
	b := &book{pools: map[string]int{}, words: []string{""}, places: map[string]word{"": 0}}
	cards := make([]method.Card, len(s.Methods))
	for _, p := range s.World.Fixed(cards, s.Plugins).Pools {
		b.pools[p.Name] = p.Size
	}
	return b
}

// word is the place of a name.
func (b *book) word(s string) word {
	w, known := b.places[s]
	if !known {
		w = word(len(b.words))
		b.words, b.places[s] = append(b.words, s), w
	}
	return w
}

// remember is where to keep what most have nothing of.
func (e *entry) remember() *remembered {
	if e.remembered == nil {
		e.remembered = &remembered{}
	}
	return e.remembered
}

// worked notes who did a lease, and where.
func (b *book) worked(worker string, l *coordinator.Lease, r *mesh.Report, answer method.WorkResponse) {
	e := b.touched.At(l.Key.Whom)
	e.worker, e.round, e.wakes, e.restarts = b.word(worker), int32(l.Asked.Round), int32(r.Wakes), int32(r.Restarts)
	e.assign, e.made = b.word(l.Asked.Assign[len(l.Asked.Assign)-1].Name), brought{}
	if e.remembered != nil {
		e.remembered.made = nil
	}
	for _, rep := range answer.Reports {
		for _, n := range rep.Made {
			hash, ok := n.Blob.Hash()
			switch x := (brought{b.word(n.Name), hash}); {
			case !ok: // the machine refuses it
			case e.made == brought{}:
				e.made = x
			default:
				e.remember().made = append(e.remembered.made, x)
			}
		}
	}
	if len(l.Asked.Kept)+len(answer.Kept) > 0 {
		m := e.remember()
		m.kept = method.Keeping(m.kept, method.Keeping(l.Asked.Kept, answer.Kept))
	}
}

// made is what a participant brought last, and what it keeps since.
func (b *book) made(whom method.ID) (made, kept []method.Named) {
	e := b.touched.Find(whom)
	if e == nil {
		return nil, nil
	}
	var all []brought
	if e.made != (brought{}) {
		all = append(all, e.made)
	}
	if e.remembered != nil {
		all, kept = append(all, e.remembered.made...), e.kept
	}
	for _, x := range all {
		made = append(made, method.Named{Name: b.words[x.name], Blob: x.blob.Blob()})
	}
	return made, kept
}

// note keeps what a method noted about participants.
func (b *book) note(in coordinator.Input) {
	folded, ok := in.(coordinator.Folded)
	if !ok {
		return
	}
	for _, n := range folded.Response.Notes {
		b.touched.At(n.About).remember().note = n.Text
	}
}

func (b *book) noteOn(whom method.ID) []byte {
	if e := b.touched.Find(whom); e != nil && e.remembered != nil {
		return e.note
	}
	return nil
}

// elsewhere says that a participant may be awake at another worker than this.
func (b *book) elsewhere(whom method.ID, worker word) bool {
	e := b.touched.Find(whom)
	return e != nil && e.worker != 0 && e.worker != worker
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
	if e := b.touched.Find(whom); e != nil {
		st.Round, st.Assignment, st.Note = int(e.round), b.words[e.assign], b.noteOn(whom)
		st.Wakes, st.Restarts = int(e.wakes), int(e.restarts)
	}
	return st
}
