package actors

import (
	"log/slog"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
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
