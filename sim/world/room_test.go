package world_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// What is left of a phone of 8 MB beside the weights, and beside value, gradient and two moments
// of what is trained.
func TestRoomByHand(t *testing.T) {
	m := method.Model{Base: "main"}
	for _, c := range []struct {
		memory string
		recipe method.Recipe
		beside func(weights float64) float64
	}{
		{"8 MB", method.Score{Model: m}, func(w float64) float64 { return 8e6 - w }},
		{"8 MB", method.Probe{Model: m}, func(w float64) float64 { return 8e6 - w }},
		{"8 MB", method.Sample{Model: m}, func(w float64) float64 { return 8e6 - w }},
		{"8 MB", method.Fit{Model: m, Train: lora(3, "*.q")}, func(w float64) float64 { return 8e6 - w - 16*3*32 }},
		{"9 MB", method.Fit{Model: m, Train: []method.Part{method.Weights{Modules: []string{"*.q"}}}}, func(w float64) float64 { return 9e6 - w - 16*16*16 }},
	} {
		w := simtest.World(t, simtest.Trial(t, append(even, "devices.phone.memory="+c.memory)...), nil)
		want := c.beside(4 * float64(w.Bases[0].Model.Config().Params()))
		if got := w.Room(client(0), c.recipe); got != want {
			t.Errorf("%T on %s: %.0f bytes, expected %.0f", c.recipe, c.memory, got, want)
		}
		if got := w.Room(method.ID{Pool: coordinator.EvaluationPool}, c.recipe); !math.IsInf(got, 1) {
			t.Errorf("an evaluation has room for %.0f bytes", got)
		}
	}
}

// Of the leases of one trial, too, one that its device cannot hold is told before a larger one that
// is held.
func TestLeasesThatCannotBeHeldComeFirst(t *testing.T) {
	held, over, more := world.Lease{Memory: 7, Room: 8}, world.Lease{Memory: 2, Room: 1}, world.Lease{Memory: 9, Room: math.Inf(1)}
	for _, c := range []struct{ l, other, want world.Lease }{
		{world.Lease{}, held, held}, {held, world.Lease{}, held}, {held, more, more}, {more, held, more},
		{held, over, over}, {over, more, over}, {over, world.Lease{Memory: 3, Room: 1}, world.Lease{Memory: 3, Room: 1}},
	} {
		if got := c.l.Worse(c.other); got != c.want {
			t.Errorf("of %+v and %+v, %+v is told", c.l, c.other, got)
		}
	}
}
