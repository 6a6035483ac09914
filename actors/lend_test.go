package actors

import (
	"log/slog"
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
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
