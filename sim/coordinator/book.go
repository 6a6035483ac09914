package coordinator

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// known is what the book says of a participant that has been touched. A population of a
// million costs nothing until its members are.
type known struct {
	note  []byte
	kept  []method.Named // what it keeps, in order of names; see [method.Keeping]
	has   []method.Blob  // what its last lease named: it need not be downloaded again
	times map[task]int   // assignments so far: part of the name of their draws
	given int            // assignments so far, of all tasks
}

// task is an assignment by its place in the chain and its name. Counting by both keeps
// the draws of a member the same however often those before it asked.
type task struct {
	member int
	name   string
}

func (m *Machine) known(id method.ID) *known {
	k := m.about[id]
	if k == nil {
		k = &known{times: map[task]int{}}
		m.about[id] = k
	}
	return k
}

// digest names any value of the seam by the hash of its canonical form.
func digest(v any) string { return ledger.Digest(method.Canonical(v)) }
