package world_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/routing"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// fixed is what a trial is before it begins, without its evaluations.
func fixed(t *testing.T, w *world.World) coordinator.Fixed {
	t.Helper()
	s, _ := simtest.Setup(t, w)
	var cards []method.Card
	for _, m := range s.Methods {
		cards = append(cards, m.Describe())
	}
	f := w.Fixed(cards, s.Plugins)
	f.Asks = nil
	return f
}

// Of every method of tasks in turn, the estimate of leases, bytes and work is what its ledger
// says afterwards: frozen adapters travel to those leases that name them, and to no others.
func TestEstimatesAreWhatLedgersSay(t *testing.T) {
	for _, m := range routing.Set() {
		for _, each := range []int{1, 2} {
			name := m.Describe().Name
			if testing.Short() && each == 2 && name != "o-lora" && name != "routing" {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", name, each), func(t *testing.T) { foreseen(t, name, each) })
		}
	}
}

func foreseen(t *testing.T, name string, each int) {
	source := simtest.Learned(name, fmt.Sprintf("epochs: 2, batch: 4, lr: 2e-2, rounds_each: %d", each))
	w := simtest.World(t, simtest.Trials(t, source)[0], world.NewAssets(simtest.StreamFiles(), &simtest.Cache{}, nil))
	about := w.Estimate(fixed(t, w))
	_, lines := simtest.Run(t, w)
	var leases int
	var flops, up, down float64
	for _, r := range simtest.Of[ledger.Report](lines) {
		leases, flops, up, down = leases+1, flops+r.Flops, up+float64(r.Up), down+float64(r.Down)
	}
	if leases != about.Leases {
		t.Errorf("%d leases were foreseen, %d reports came", about.Leases, leases)
	}
	for _, x := range []struct {
		what            string
		foreseen, found float64
		within          float64
	}{{"FLOP", about.Flops, flops, 0.2}, {"bytes up", float64(about.Up), up, 0.1}, {"bytes down", float64(about.Down), down, 0.02}} {
		if math.Abs(x.foreseen-x.found) > x.within*x.found {
			t.Errorf("%.0f %s were foreseen, it were %.0f", x.foreseen, x.what, x.found)
		}
	}
}

// The lease that has most holds the weights, an adapter with its gradient and moments, and what is
// frozen beside: all experts before it, a teacher, a centre with its information, or what the
// members before it in a chain have left.
func TestMemoryOfLeases(t *testing.T) {
	for name, x := range map[string]struct {
		chain  string
		frozen int // adapters
	}{
		"alone":               {"", 0},
		"o-lora":              {"", 2},
		"lwf":                 {"", 1},
		"ewc":                 {"", 2},
		"sequential, routing": {"- {use: routing, with: {modules: q, rank: 2}}\n", 3},
	} {
		use := name
		switch name {
		case "alone":
			use = "routing"
		case "sequential, routing":
			use = "sequential"
		}
		source := simtest.Learned(use, "modules: q, rank: 2")
		if x.chain != "" {
			source = strings.Replace(source, "method:\n  - ", "method:\n  "+x.chain+"  - ", 1)
		}
		w := simtest.World(t, simtest.Trials(t, source)[0], world.NewAssets(simtest.StreamFiles(), &simtest.Cache{}, nil))
		about := w.Estimate(fixed(t, w))
		const adapter = 2 * (16 + 16) // rank 2 on q
		if want := int64(4*w.Bases[0].Model.Config().Params() + 16*adapter + 4*x.frozen*adapter); about.Largest.Memory != want {
			t.Errorf("%s: %d bytes, expected %d: %d frozen adapters", name, about.Largest.Memory, want, x.frozen)
		}
	}
}
