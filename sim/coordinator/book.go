package coordinator

import (
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// known is what the book says of a participant that has been touched. A population of a
// million costs nothing until its members are.
type known struct {
	note  []byte
	has   []method.Blob  // what its last lease named: it need not be downloaded again
	times map[string]int // assignments so far, by name: part of the name of their draws
	given int            // assignments so far
}

func (m *Machine) known(id method.ID) *known {
	k := m.about[id]
	if k == nil {
		k = &known{times: map[string]int{}}
		m.about[id] = k
	}
	return k
}

// digest names any value of the seam by the hash of its canonical form.
func digest(v any) string { return ledger.Digest(method.Canonical(v)) }
