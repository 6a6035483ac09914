package coordinator

import (
	"cmp"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// known is what the book says of a participant that has been touched. A population of a
// million costs nothing until its members are, and those who were given the same work share
// their past.
type known struct {
	*Owned // nil: nothing
	*Past  // nil: none; never written to
}

// Owned is what is a participant's alone. It is exported for encoding/json, which fills no embedded
// pointer to a struct that is not.
type Owned struct {
	Note []byte         `json:"note,omitempty"`
	Kept []method.Named `json:"kept,omitempty"` // in order of names; see [method.Keeping]
}

// Past is what a participant was given so far, exported as [Owned] is.
type Past struct {
	Has   []method.Blob `json:"has"`   // what its last lease named: it need not be downloaded again
	Given int           `json:"given"` // assignments, of all tasks
	Times []keptTask    `json:"times"` // by task: part of the name of their draws; in order
}

// owned is where to note something about the participant.
func (k *known) owned() *Owned {
	if k.Owned == nil {
		k.Owned = &Owned{}
	}
	return k.Owned
}

// kept is what the participant keeps.
func (k *known) kept() []method.Named {
	if k == nil || k.Owned == nil {
		return nil
	}
	return k.Owned.Kept
}

// past is what its last lease named, and how many assignments it has had.
func (k *known) past() (has []method.Blob, given int) {
	if k.Past == nil {
		return nil, 0
	}
	return k.Past.Has, k.Past.Given
}

// times is how often a participant has been given an assignment, by its place in the chain and
// its name. Counting by both keeps the draws of a member the same however often those before it
// asked.
func (p *Past) times(member int, name string) int {
	if p == nil {
		return 0
	}
	i, ok := slices.BinarySearchFunc(p.Times, keptTask{Member: member, Name: name}, keptTask.compare)
	if !ok {
		return 0
	}
	return p.Times[i].Times
}

func (t keptTask) compare(o keptTask) int {
	return cmp.Or(cmp.Compare(t.Member, o.Member), cmp.Compare(t.Name, o.Name))
}

// step is one assignment more, from one past to the next. Steps are made once: those who come
// the same way share where they are.
type step struct {
	before *Past
	form   *form // of the assignment
	first  bool  // of its lease
}

// stepped is a past once an assignment of the present member has been given.
func (m *Machine) stepped(s step, name string) *Past {
	if p := m.open.steps[s]; p != nil {
		return p
	}
	now := &Past{Given: 1}
	if s.before != nil {
		now.Given += s.before.Given
		now.Times = slices.Clone(s.before.Times)
	}
	task := keptTask{Member: m.place.member, Name: name}
	i, found := slices.BinarySearchFunc(now.Times, task, keptTask.compare)
	if !found {
		now.Times = slices.Insert(now.Times, i, task)
	}
	now.Times[i].Times++
	if now.Has = s.form.blobs; !s.first {
		now.Has = slices.Concat(s.before.Has, s.form.blobs)
	}
	m.open.steps[s] = now
	return now
}

// digest names any value of the seam by the hash of its canonical form.
func digest(v any) string { return ledger.Digest(method.Canonical(v)) }
