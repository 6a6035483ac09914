package coordinator

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

type nobody struct{ told int }

func (n *nobody) Keep(*Machine) error { n.told++; return nil }

// What is put off until a rest comes out as it does at once: the leases of all but the first, and
// what the book is told of reports.
func TestARestMovesNothing(t *testing.T) {
	const clients, rounds = 3*firstLeases + 5, 3
	regimes := map[string]Regime{"sync": {}, "deadline": {Deadline: 1.5, Over: 1}, "flying": {Flying: clients - 7, Close: 20}}
	for name, regime := range regimes {
		some := func() *trial {
			x := one(clients, rounds, averager(1))
			x.fixed.Members[0].Regime = regime
			x.world.fate = func(id method.ID, _ int) Fate { return Fate{Dropped: id.Index%70 == 1, Lost: id.Index == 90} }
			return x
		}
		at, rested := some().mustRun(t), some()
		keeper := &nobody{}
		rested.keeper = keeper
		most := 0
		rested.watch = func(_ Input, effects []Effect) {
			for _, e := range effects {
				if w, ok := e.(DoWork); ok && w.More > 0 {
					most = max(most, w.More)
				}
			}
		}
		rested.mustRun(t)
		if rested.hash != at.hash || keeper.told == 0 || most < clients/2 {
			t.Errorf("%s: with rests the hash is %s, without %s; the keeper was told %d times, and at most %d assignments waited",
				name, rested.hash, at.hash, keeper.told, most)
		}
	}
}
