package coordinator

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// Where nobody can be reached the clock goes on in steps of a quarter of an hour, for at
// most thirty days: then the world is one in which nobody ever comes.
const (
	quarterSec = 900
	quarters   = 30 * 24 * 4
)

// free says whether a participant can be offered now: he is there, and has no lease out.
func (m *Machine) free(id method.ID) bool {
	return m.world.Available(id, m.now) && !m.air.busy(id)
}

// await lets the clock go on to where each role has somebody who can be offered. While
// leases are out nobody waits: their reports come meanwhile.
func (m *Machine) await() error {
	if len(m.air.all) > 0 {
		return nil
	}
	for _, role := range m.member().Card.Roles {
		p, err := m.pool(m.member(), role)
		if err != nil {
			return err
		}
		if p.Sweep || p.Always {
			continue
		}
		for waited := 0; !m.reached(p); waited++ {
			if waited == quarters {
				return fmt.Errorf("round %d: for thirty simulated days nobody of pool %q could be reached: make the pool larger, or `available` wider", m.place.round, p.Name)
			}
			m.now += quarterSec
		}
	}
	return nil
}

// reached says whether anybody of a pool is there.
func (m *Machine) reached(p Pool) bool {
	for i := range p.Size {
		if m.world.Available(method.ID{Pool: p.Name, Index: i}, m.now) {
			return true
		}
	}
	return false
}
