package actors

import (
	"log/slog"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// A worker that reads too slowly, and one that a NATS server gives up for it again and again, with
// all that was on its way: it costs time, nothing is lost, nothing is counted twice, the worker
// says why, and the ledger is that of one goroutine.
func TestOneLedgerByAWorkerThatReadsTooSlowly(t *testing.T) {
	sets := []string{"bases.main.recipe.d=192", "method.0.rounds=3", "population.client.rank=64"} // so that there is something to read
	want := reference(t, "6", sets...)
	for name, givenUp := range map[string]bool{"slow": false, "given up": true} {
		t.Run(name, func(t *testing.T) {
			b := meshtest.Impatient(t, meshtest.Here)
			straight, quick := addressOf(t, b, b.URL), usualPace
			quick.tick, quick.answer, quick.lost, quick.lease = 20*time.Millisecond, 200*time.Millisecond, 300*time.Millisecond, 2*time.Second
			c, err := Open(Options{Broker: straight, Stock: stock(), pace: quick})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			still := func() bool { time.Sleep(100 * time.Millisecond); return false }
			if givenUp {
				still = func() bool { return ballast(t, b, straight, mesh.Subjects{Run: c.running()}.FetchFrom("w1")) }
			}
			line := b.Slow(300_000, still)
			var said meshtest.Said
			hands(t, addressOf(t, b, line.URL), 1, func(o *WorkOptions) {
				o.pace, o.Files, o.Cache = quick, nil, &cache{saved: map[string][]byte{}} // all comes by the line
				o.Log = slog.New(slog.NewTextHandler(&said, nil))
			})
			s, lines := setup(t, "6", sets...)
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			if lines.String() != want {
				t.Error("the ledger differs from that of sim.Run")
			}
			n := b.SlowConsumers()
			if givenUp && n < 2 || !givenUp && n > 0 {
				t.Errorf("the broker gave up %d slow consumers", n)
			}
			if told := said.Has("slow consumer"); told != givenUp {
				t.Errorf("the broker gave up %d slow consumers, and the worker said:\n%s", n, said.String())
			}
		})
	}
}

// addressOf is a broker's, straight or by way of another address.
func addressOf(t *testing.T, b *meshtest.Broker, url string) mesh.Address {
	t.Helper()
	token, err := mesh.ReadToken(b.TokenFile)
	if err != nil {
		t.Fatal(err)
	}
	return mesh.Address{URL: url, Token: token}
}

// ballast is sent to a worker whose line stands still, until the broker gives it up.
func ballast(t *testing.T, b *meshtest.Broker, at mesh.Address, subject string) (cut bool) {
	conn, err := mesh.Dial(at, "ballast", nil)
	if err != nil {
		t.Error(err)
		return false
	}
	defer conn.Close()
	junk := make([]byte, mesh.PartBytes)
	for began, before := time.Now(), b.SlowConsumers(); b.SlowConsumers() == before; {
		if err := conn.Send(subject, "", junk); err != nil || time.Since(began) > time.Minute {
			t.Errorf("the broker keeps a client that does not read (%v)", err)
			return false
		}
	}
	return true
}
