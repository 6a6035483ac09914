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
	times []keptTask     // assignments so far: part of the name of their draws
	given int            // assignments so far, of all tasks
}

// count is how often a participant has been given an assignment before, by its place in the
// chain and its name, and counts it. Counting by both keeps the draws of a member the same
// however often those before it asked.
func (k *known) count(member int, name string) (before int) {
	k.given++
	for i := range k.times {
		if t := &k.times[i]; t.Member == member && t.Name == name {
			t.Times++
			return t.Times - 1
		}
	}
	k.times = append(k.times, keptTask{Member: member, Name: name, Times: 1})
	return 0
}

func (m *Machine) known(id method.ID) *known {
	k := m.about[id]
	if k == nil {
		k = &known{}
		m.about[id] = k
	}
	return k
}

// digest names any value of the seam by the hash of its canonical form.
func digest(v any) string { return ledger.Digest(method.Canonical(v)) }
