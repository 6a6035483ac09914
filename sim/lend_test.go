package sim_test

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/simtest"
)

// A trial whose base an earlier one stored keeps it, although the checkpoint of another, which does
// not know the base, is still on its way to the disk and lets go of all that nobody names.
func TestABaseOutlivesTheTrialBefore(t *testing.T) {
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
	if _, err := s.Blobs.NewGeneration(); err != nil {
		t.Fatal(err)
	}
	base := s.World.Bases[0].Blob
	if _, err := s.Blobs.Put(s.World.Bases[0].Tensors()); err != nil {
		t.Fatal(err)
	}
	now, err := s.Blobs.NewGeneration()
	if err != nil {
		t.Fatal(err)
	}
	begun := false
	_, err = s.Blobs.Retire(now, func(method.Blob) bool {
		if !begun {
			begun = true
			if _, err := s.Machine(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		return false
	})
	if err != nil || !begun {
		t.Fatal(begun, err)
	}
	if _, err := s.Blobs.Open(base); err != nil {
		t.Error(err)
	}
}
