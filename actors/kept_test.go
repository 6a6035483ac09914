package actors

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/simtest"
)

// keeping is the small scenario with a method whose clients keep things, and with
// evaluations of what they keep.
func keeping(t *testing.T) (sim.Setup, *bytes.Buffer) {
	t.Helper()
	s, lines := setup(t, "6", "evaluate=[{at: end, on: train, of: client, metrics: [loss]}]", "method.0.rounds=3")
	s.Methods = []method.Method{simtest.Keeper()}
	return s, lines
}

// What participants keep reaches whoever does their next lease, here or elsewhere, after a
// panic and in any weather: one ledger.
func TestOneLedgerOfWhatIsKept(t *testing.T) {
	s, lines := keeping(t)
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	want := lines.String()
	quick := usualPace
	quick.tick, quick.answer, quick.lost = 10*time.Millisecond, 60*time.Millisecond, 200*time.Millisecond
	for name, o := range map[string]Options{
		"slots":     {Slots: 3},
		"a panic":   {Slots: 2, faults: faults{sabotage: panicking(1, third, 2)}},
		"this host": {Spool: filepath.Join(t.TempDir(), "spool"), pace: quick},
		"elsewhere": {pace: quick},
		"weather":   {pace: quick, faults: faults{weather: weather(10, 20)}},
	} {
		t.Run(name, func(t *testing.T) {
			o.Listen, o.Stock = true, stock()
			c, err := Open(o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			if o.Slots == 0 {
				hands(t, c.Address(), 2, func(w *WorkOptions) {
					if w.pace = quick; o.Spool == "" {
						w.Files, w.Cache = nil, &cache{saved: map[string][]byte{}}
					}
				})
			}
			s, lines := keeping(t)
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			if lines.String() != want {
				t.Error("the ledger differs from that of sim.Run")
			}
		})
	}
}
