package actors

import (
	"testing"

	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
)

// last keeps the checkpoint of one round.
type last struct {
	round int
	book  *ledger.Book
	at    coordinator.Checkpoint
	lines int
	hash  string
}

func (k *last) Keep(m *coordinator.Machine) error {
	if m.Round() == k.round && !m.Ended() {
		k.at, k.lines, k.hash = m.Checkpoint(), k.book.Len(), k.book.Hash()
	}
	return nil
}

// However rounds close, the ledger is that of one goroutine, from the start and from a
// checkpoint with leases in the air.
func TestOneLedgerInEveryRegime(t *testing.T) {
	for name, sets := range map[string][]string{
		"deadline": {"method.0.rounds=4", "population.client.count=8", "population.client.offer={draw: 3}", "method.0.regime={deadline: 1.5 s, over: 1.4}"},
		"flying":   {"method.0.rounds=8", "population.client.count=6", "method.0.regime={flying: 4, close: 2}", "evaluate.0={every: 2, on: test, metrics: [loss]}"},
		"faults":   {"method.0.rounds=6", "population.client.faults={drop-out: 0.5, lost-upload: 0.3, slow: 0.3}"},
		"async":    {"method.0.rounds=8", "population.client.count=6", "method.0.regime={flying: 5}", "stages=[{name: one}, {name: two}]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := simtest.World(t, simtest.Trial(t, sets...), nil)
			want, _ := simtest.Run(t, w)
			s, _ := simtest.Setup(t, w)
			kept := &last{round: 3, book: s.Book}
			s.Keeper = kept
			if err := Run(limited(t), s, Options{Slots: 3}); err != nil {
				t.Fatal(err)
			}
			if s.Book.Hash() != want {
				t.Error("the ledger differs from that of sim.Run")
			}
			var err error
			if s.Book, err = ledger.Resume(kept.lines, kept.hash, func([]byte) error { return nil }); err != nil {
				t.Fatal(err)
			}
			s.From, s.Keeper = &kept.at, nil
			if err := Run(limited(t), s, Options{Slots: 2}); err != nil {
				t.Fatal(err)
			}
			if s.Book.Hash() != want {
				t.Errorf("from round 3, with %d leases in the air, the ledger differs", len(kept.at.Flying))
			}
		})
	}
}
