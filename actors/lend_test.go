package actors

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/actors/mesh/meshtest"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// What travelled to a worker is not sent again, until it begins anew under its name: its
// predecessor's blobs went with it.
func TestAWorkerThatBeginsAnewHasNoBlobs(t *testing.T) {
	c := &coordinatorActor{stage: &stage{nature: nature{clock: func() time.Time { return noon }}}, log: slog.New(slog.DiscardHandler)}
	pull := func(number uint64) { c.pulled(pulled{mesh.Pull{Worker: "w", Number: number}, ""}) }
	pull(mesh.Numbering(4) + 1)
	w := c.known("w")
	w.has["blob"] = true
	if pull(mesh.Numbering(4) + 2); !w.has["blob"] {
		t.Error("the next pull of the same worker: what it has is forgotten")
	}
	if pull(mesh.Numbering(8) + 1); len(w.has) > 0 {
		t.Errorf("the first pull of its successor: it is believed to have %v", w.has)
	}
}

// Who has left is not taken back for what the farewell has overtaken; who begins anew is.
func TestAWorkerThatHasLeftIsNotTakenBack(t *testing.T) {
	c := &coordinatorActor{stage: &stage{ctx: t.Context(), nature: nature{clock: func() time.Time { return noon }}},
		machine: &coordinator.Machine{}, log: slog.New(slog.DiscardHandler)}
	pull := func(number uint64) { c.pulled(pulled{mesh.Pull{Worker: "w", Number: number}, ""}) }
	first, second := mesh.Numbering(4), mesh.Numbering(8)
	pull(first + 1)
	c.beaten(beaten{mesh.Beat{Worker: "w", Leaves: true, Number: first}})
	pull(first + 2)
	c.reported(reported{Reports: mesh.Reports{Worker: "w", Number: first + 1}})
	c.beaten(beaten{mesh.Beat{Worker: "w", Number: first}})
	if w := c.known("w"); w.here || w.parked {
		t.Error("it is taken back")
	}
	pull(second + 1)
	c.beaten(beaten{mesh.Beat{Worker: "w", Leaves: true, Number: first}}) // a late copy
	if w := c.known("w"); !w.here || !w.parked {
		t.Error("who begins anew under its name is not taken")
	}
}

// liar is a worker that takes part by the protocol, and answers every lease with nonsense, until ctx
// ends. It says how often.
func liar(ctx context.Context, t *testing.T, a mesh.Address, work []byte) *atomic.Int64 {
	t.Helper()
	conn, err := mesh.Dial(a, "liar", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	said, leases, number := &atomic.Int64{}, make(chan mesh.Leases, 8), mesh.Numbering(4)
	trials := make(chan mesh.Subjects, 1)
	if err := conn.Listen(mesh.Call, func(m mesh.Message) {
		if c, ok := mesh.Decode[mesh.Calling](m.Data); ok {
			select {
			case trials <- mesh.Subjects{Run: c.Run}:
			default:
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	go func() {
		s := <-trials
		if err := conn.Listen(s.Leases("liar"), func(m mesh.Message) {
			if l, ok := mesh.DecodeLeases(m.Data); ok {
				leases <- l
			}
		}); err != nil {
			t.Error(err)
		}
		for ctx.Err() == nil {
			number++
			_ = conn.Send(s.Lease(), s.Leases("liar"), mesh.Pull{Worker: "liar", Number: number, Want: 1, Now: 1, Road: mesh.Far}.Encode()) // until the test is over
			select {
			case l := <-leases:
				r := mesh.Reports{Worker: "liar", Number: number}
				for _, x := range l.Lent {
					r.Done = append(r.Done, mesh.Report{Key: x.Key, Work: work, Crashes: x.Crashes})
					said.Add(1)
				}
				_ = conn.Send(s.Report(), s.Ack("liar"), r.Encode()) // likewise
			case <-time.After(200 * time.Millisecond): // it is asked again, as by any worker
			}
		}
	}()
	return said
}

// A worker that answers with nonsense is told of, and what it was lent is lent to others: the ledger
// is the same. Where there is nobody else, the trial ends, and says who is to blame.
func TestAWorkerThatAnswersWithNonsense(t *testing.T) {
	for name, work := range map[string][]byte{"no answer": senseless[0], "an answer to nothing": senseless[1], "a name that nobody asked for": senseless[2]} {
		t.Run(name, func(t *testing.T) {
			var said meshtest.Said
			c, err := Open(Options{Listen: true, Slots: 1, Log: slog.New(slog.NewTextHandler(&said, nil))})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			lies := liar(t.Context(), t, c.Address(), work)
			s, lines := setup(t, "60")
			if err := c.Run(limited(t), s); err != nil {
				t.Fatal(err)
			}
			if lines.String() != reference(t, "60") {
				t.Error("the ledger differs from that of sim.Run")
			}
			if told := said.Has("an answer cannot be taken, and its lease is lent again"); told != (lies.Load() > 0) {
				t.Errorf("it lied %d times, and this was told:\n%s", lies.Load(), said.String())
			}
			t.Logf("it lied %d times", lies.Load())
		})
		t.Run(name+", alone", func(t *testing.T) {
			quick := usualPace
			quick.tick, quick.answer = 10*time.Millisecond, 50*time.Millisecond
			c, err := Open(Options{Listen: true, pace: quick})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Close)
			liar(t.Context(), t, c.Address(), work)
			s, _ := setup(t, "3")
			if err := c.Run(limited(t), s); !errors.Is(err, coordinator.ErrAnswer) || !strings.Contains(err.Error(), "worker liar") || !strings.Contains(err.Error(), "3 times") {
				t.Errorf("it is not blamed: %v", err)
			}
		})
	}
}
