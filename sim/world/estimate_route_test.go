package world_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
)

// What finding experts costs, by hand: gates behind a frozen expert, a look, and stored
// prompts.
func TestFindingExpertsIsPriced(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, append(even, "population.client.rank=1")...), nil)
	const clients, rows, length = 4, 10, 9
	forward := float64(2*w.Bases[0].Model.Config().Params()*length+4*16*length*length) * rows
	trained := clients * (2*forward + 6*2*16*rows*length) // an epoch at rank 1 on q
	estimate := func(params method.Values) (flops, up float64) {
		params["modules"], params["rounds_each"] = "q", 1
		f := coordinator.Fixed{Stages: []coordinator.Stage{{Name: "one", Base: "main"}},
			Members: []coordinator.Member{{Card: method.Card{Roles: []method.Role{"client"}}, Params: params}}}
		e := w.Estimate(f)
		return e.Flops, float64(e.Up)
	}
	adapter := float64(clients * 4 * 2 * 16)
	behind := float64(4*32 + 6*16)
	for name, x := range map[string]struct {
		params    method.Values
		flops, up float64 // of the keys
	}{
		"no experts": {method.Values{}, 0, 0},
		"uniform":    {method.Values{"router": "uniform"}, 0, 0},
		"gates":      {method.Values{"router": "gates", "gate_steps": 5, "batch": 4}, clients * 2 * (2*forward + behind*rows*length), clients * 4 * 16},
		"a look":     {method.Values{"router": "activation"}, clients * forward, clients * 4 * 16},
		"stored":     {method.Values{"stored": 5}, clients * 0.5 * forward, clients * 4 * 5 * 16},
	} {
		flops, up := estimate(x.params)
		if want := trained + x.flops; math.Abs(flops-want) > 1e-9*want {
			t.Errorf("%s: %.0f FLOP, expected %.0f", name, flops, want)
		}
		if want := adapter + x.up; up != want {
			t.Errorf("%s: %.0f bytes up, expected %.0f", name, up, want)
		}
	}
}
