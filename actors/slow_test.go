package actors

import (
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A worker that reads too slowly, and one that the broker gives up for it again and again, with
// all that was on its way: it costs time, nothing is lost, nothing is counted twice, and the
// ledger is that of one goroutine.
func TestOneLedgerByAWorkerThatReadsTooSlowly(t *testing.T) {
	sets := []string{"bases.main.recipe.d=192", "method.0.rounds=3"} // so that there is something to read
	want := reference(t, "6", sets...)
	for name, cut := range map[string]bool{"slow": false, "given up": true} {
		t.Run(name, func(t *testing.T) {
			if cut && testing.Short() {
				t.Skip("waits two seconds for every piece that is lost with its line")
			}
			b := meshtest.ByToken(t, meshtest.Here)
			token, err := mesh.ReadToken(b.TokenFile)
			if err != nil {
				t.Fatal(err)
			}
			quick := usualPace
			quick.tick, quick.answer, quick.lost, quick.lease = 20*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond, 2*time.Second
			c, err := Open(Options{Broker: mesh.Address{URL: b.URL, Token: token}, Stock: stock(), pace: quick})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			line := b.Slow(80_000, 100*time.Millisecond, cut)
			hands(t, mesh.Address{URL: line.URL, Token: token}, 1, func(o *WorkOptions) {
				o.pace, o.Files, o.Cache = quick, nil, &cache{saved: map[string][]byte{}} // all comes by the line
			})
			s, lines := setup(t, "6", sets...)
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			if lines.String() != want {
				t.Error("the ledger differs from that of sim.Run")
			}
			if cut && line.Cuts() < 2 {
				t.Errorf("the line was cut %d times: too little was read for a test", line.Cuts())
			}
		})
	}
}
