package sim_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
)

// keeping is a trial whose participants keep things, in a world with these sets.
func keeping(t *testing.T, sets ...string) (sim.Setup, *bytes.Buffer) {
	t.Helper()
	s, text := simtest.Setup(t, simtest.World(t, simtest.Trial(t, append([]string{"method.0.rounds=4",
		"evaluate=[{at: end, on: train, of: client, each: participant, metrics: [loss]}, {at: end, on: train, metrics: [loss]}]"}, sets...)...), nil))
	s.Methods = []method.Method{simtest.Keeper()}
	return s, text
}

// What is kept goes on from every checkpoint to the same hash, whatever befalls.
func TestKeptThingsOutliveTheirTrial(t *testing.T) {
	for name, sets := range regimes {
		t.Run(name, func(t *testing.T) {
			kept := append([]string{}, sets...)
			for i, x := range kept {
				if strings.HasPrefix(x, "evaluate") {
					kept = slices.Delete(kept, i, i+1)
					break
				}
			}
			s, _ := keeping(t, kept...)
			all := &album{t: t, book: s.Book}
			s.Keeper = all
			if err := sim.Run(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			want := s.Book.Hash()
			for i, p := range all.pages {
				c, err := coordinator.ParseCheckpoint(p.content)
				if err != nil {
					t.Fatal(err)
				}
				if c.Ended {
					continue
				}
				if s.Book, err = ledger.Resume(p.lines, p.hash, func([]byte) error { return nil }); err != nil {
					t.Fatal(err)
				}
				s.From, s.Keeper = &c, nil
				if err := sim.Run(t.Context(), s); err != nil {
					t.Fatalf("from checkpoint %d: %v", i, err)
				}
				if s.Book.Hash() != want {
					t.Errorf("from checkpoint %d the trial goes another way", i)
				}
			}
		})
	}
}

// Each participant answers with what it keeps, and without it the model is the base.
func TestPersonalModelsAreScored(t *testing.T) {
	s, text := keeping(t)
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	lines := simtest.Lines(t, text)
	evals := simtest.Of[ledger.Evaluate](lines)
	own, common := evals[0], evals[1]
	if own.On != "train of client" || own.Examples != common.Examples {
		t.Errorf("on %q, %d examples; as many as on %q, %d, were expected", own.On, own.Examples, common.On, common.Examples)
	}
	if a, b := simtest.Value(t, own.Values, "loss"), simtest.Value(t, common.Values, "loss"); !(a < b-0.01) {
		t.Errorf("with what participants keep the loss on their own examples is %g, without %g", a, b)
	}
	groups := map[string]bool{}
	for _, v := range own.Values {
		groups[v.Group] = true
	}
	if !groups["client/0"] || !groups["client/3"] || len(groups) != 5 {
		t.Errorf("groups %v; one for each of four clients and one for all were expected", groups)
	}
	for _, r := range simtest.Of[ledger.Report](lines) {
		if len(r.Kept) != 2 || r.Kept[0].Name != "lora.B" || r.Kept[1].Name != method.KeptOptimiser || len(r.Made) != 1 || r.Up >= 4*2*32*2*2 {
			t.Errorf("%s made %v of %d bytes and kept %v", r.From, r.Made, r.Up, r.Kept)
		}
	}
}
