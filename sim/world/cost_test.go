package world_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// even has clients of ten examples with nine tokens each, on one device class.
var even = []string{"data.phrases.with.train=40", "data.phrases.valid=0", "population.client.split=iid", "population.client.device=phone"}

func lora(rank int, modules ...string) []method.Part {
	return []method.Part{method.LoRA{Name: "lora", Modules: modules, Rank: rank, Scale: 1}}
}

func controlled(what string) []method.Term {
	return append(method.CE, method.Times(1, method.Control{Of: what}))
}

// The numbers of the cost model, by hand.
func TestFlopsByHand(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, even...), nil)
	c := w.Bases[0].Model.Config()
	if c.Params() != (c.Vocab*16)+4*16*16+3*16*48+3*16 { // embedding (tied); q k v o; the MLP; three norms
		t.Fatalf("the base has %d numbers", c.Params())
	}
	const rows, length = 10, 9
	forward := float64(2*c.Params()*length+4*16*length*length) * rows // weights, attention
	q := float64(2 * 16)                                              // numbers of an adapter on q at rank 1
	m := method.Model{Base: "main"}
	for name, x := range map[string]struct {
		recipe method.Recipe
		want   float64
	}{
		"score":         {method.Score{Model: m}, forward},
		"score of four": {method.Score{Model: m, Data: method.Data{Limit: 4}}, 0.4 * forward},
		"one epoch":     {method.Fit{Model: m, Epochs: 1, Batch: 4, Train: lora(1, "*.q")}, 2*forward + 6*q*rows*length},
		"at rank 3":     {method.Fit{Model: m, Epochs: 1, Batch: 4, Train: lora(3, "*.q", "*.v")}, 2*forward + 6*6*q*rows*length},
		"above width":   {method.Fit{Model: m, Epochs: 1, Batch: 4, Train: lora(99, "*.q")}, 2*forward + 6*16*q*rows*length},
		"half an epoch": {method.Fit{Model: m, Epochs: 0.5, Batch: 4, Train: lora(1, "*.q")}, forward + 3*q*rows*length},
		"two steps":     {method.Fit{Model: m, Steps: 2, Batch: 4, Train: lora(1, "*.q")}, 0.8 * (2*forward + 6*q*rows*length)},
		"four steps":    {method.Fit{Model: m, Steps: 4, Batch: 4, Train: lora(1, "*.q")}, 1.4 * (2*forward + 6*q*rows*length)},
		"all at once":   {method.Fit{Model: m, Steps: 3, Train: lora(1, "*.q")}, 3 * (2*forward + 6*q*rows*length)},
		"limited":       {method.Fit{Model: m, Epochs: 1, Train: lora(1, "*.q"), Data: method.Data{Limit: 5}}, forward + 3*q*rows*length},
		"controlled":    {method.Fit{Model: m, Epochs: 1, Batch: 4, Train: lora(3, "*.q"), Objective: controlled("lora")}, 2*forward + 6*3*q*rows*length + 3*q*(3*4+5)},
		"one factor":    {method.Fit{Model: m, Epochs: 1, Batch: 4, Train: lora(3, "*.q"), Objective: controlled("lora.A")}, 2*forward + 6*3*q*rows*length + 3*q/2*(3*4+5)},
		"no such base":  {method.Score{Model: method.Model{Base: "x"}}, 0},
		"sample":        {method.Sample{}, 0},
	} {
		if got := w.Price(0, x.recipe)(client(0), 0).Flops; math.Abs(got-x.want) > 1e-9*x.want {
			t.Errorf("%s: %.0f, expected %.0f", name, got, x.want)
		}
	}
}

func TestExamplesOfAFit(t *testing.T) {
	for _, c := range []struct {
		fit        method.Fit
		rows, want int
	}{
		{method.Fit{Epochs: 1}, 10, 10},
		{method.Fit{Epochs: 2.5}, 10, 25},
		{method.Fit{Epochs: 0.25}, 10, 3}, // 2.5 rounds up
		{method.Fit{Epochs: 0.001}, 10, 1},
		{method.Fit{Steps: 1, Batch: 4}, 10, 4},
		{method.Fit{Steps: 3, Batch: 4}, 10, 10}, // the third is short
		{method.Fit{Steps: 7, Batch: 4}, 10, 24},
		{method.Fit{Steps: 2, Batch: 5}, 10, 10},
		{method.Fit{Steps: 2, Batch: 50}, 10, 20},
		{method.Fit{Steps: 2}, 10, 20},
	} {
		if got := world.Examples(c.fit, c.rows); got != c.want {
			t.Errorf("%v epochs, %d steps of %d on %d rows: %d examples, expected %d", c.fit.Epochs, c.fit.Steps, c.fit.Batch, c.rows, got, c.want)
		}
	}
}

// phone: 1 GFLOPS, up 1 MB/s, down 2 MB/s, latency 100 ms, jitter up to 10 ms.
func TestDurationsByHand(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, append(even, "devices.phone.jitter=0 s")...), nil)
	price := w.Price(0, method.Score{Model: method.Model{Base: "main"}})(client(0), 0)
	for _, c := range []struct {
		flops    float64
		down, up int64
		want     float64
	}{{0, 0, 0, 0.1}, {1e9, 0, 0, 1.1}, {0, 2e6, 0, 1.1}, {0, 0, 2e6, 2.1}, {5e8, 1e6, 5e5, 1.6}} {
		if got := price.Spent(c.flops, c.down, c.up); got.Energy != 0 || math.Abs(float64(got.Time)-c.want) > 1e-12 {
			t.Errorf("%g FLOP, %d bytes down, %d up: %v s, expected %v", c.flops, c.down, c.up, got, c.want)
		}
	}
	nobody := method.ID{Pool: coordinator.EvaluationPool}
	if p := w.Price(0, method.Score{})(nobody, 0); p.Flops != 0 || p.Spent(1e9, 1e9, 1e9) != (coordinator.Spent{}) {
		t.Error("an evaluation costs something")
	}
}

// Energy is power times the time of each part, without the latency; who is slow takes as much
// longer at the same power.
func TestEnergyByHand(t *testing.T) {
	for says, want := range map[string]float64{
		"devices.phone.energy=4 W":                              4 * (1 + 0.5 + 2),
		"devices.phone.energy={work: 5 W, up: 2 W, down: 10 W}": 5*1 + 2*2 + 10*0.5,
		"devices.phone.energy={work: 500 mW}":                   0.5,
		"devices.phone.latency=9 s":                             0,
	} {
		w := simtest.World(t, simtest.Trial(t, append(even, says)...), nil)
		p := w.Price(0, method.Score{Model: method.Model{Base: "main"}})(client(0), 0)
		if got := p.Spent(1e9, 1e6, 2e6).Energy; math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: %g J, expected %g", says, got, want)
		}
	}
	w := simtest.World(t, simtest.Trial(t, append(even, "devices.phone.energy=4 W", "population.client.faults={slow: 1, times: 3}")...), nil)
	if got := w.Price(0, method.Score{Model: method.Model{Base: "main"}})(client(0), 0).Spent(1e9, 0, 0).Energy; math.Abs(got-12) > 1e-12 {
		t.Errorf("a slow one takes %g J, expected 12", got)
	}
}

// Jitter is drawn by participant and by how often it has worked, and by nothing else.
func TestJitterIsNamed(t *testing.T) {
	late := func(w *world.World, who, times int) float64 {
		return float64(w.Price(0, method.Score{})(client(who), times).Spent(0, 0, 0).Time) - 0.1
	}
	a := simtest.World(t, simtest.Trial(t, even...), nil)
	b := simtest.World(t, simtest.Trial(t, append(even, "method.0.use=fedit", "method.0.rounds=5")...), nil)
	other := simtest.World(t, simtest.Trial(t, append(even, "seed=2")...), nil)
	seen := map[float64]bool{}
	for who := range 4 {
		for times := range 10 {
			x := late(a, who, times)
			if x < 0 || x >= 0.01 || seen[x] {
				t.Errorf("client/%d at its work %d is late by %v s", who, times, x)
			}
			seen[x] = true
			if late(b, who, times) != x || late(other, who, times) == x {
				t.Errorf("client/%d at its work %d: the method moves its jitter, or the seed does not", who, times)
			}
		}
	}
}

// Controls are as long as the adapter, up and down, and one place sends for all that it does
// the work of.
func TestEstimateOfControlsAndOnePlace(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, append(even, "population.client.rank=1", "grant={data-in-one-place: all}")...), nil)
	estimate := func(params method.Values, needs ...method.Need) world.Estimate {
		params["modules"], params["batch"] = "q", 4
		return w.Estimate(coordinator.Fixed{Stages: []coordinator.Stage{{Name: "train", Base: "main"}}, Members: []coordinator.Member{
			{Card: method.Card{Roles: []method.Role{"client"}, Needs: needs}, Params: params, Regime: coordinator.Regime{}, Rounds: 3}}})
	}
	plain, steered, one := estimate(method.Values{}), estimate(method.Values{"control": "scaffold"}), estimate(method.Values{}, method.NeedOnePlace)
	const clients, rounds, floats, updates = 4, 3, 32, 3
	if plain.Up != clients*rounds*4*floats || steered.Up != 2*plain.Up || steered.Down != 2*plain.Down || steered.Round <= plain.Round || steered.Stays <= plain.Stays {
		t.Errorf("up, down and on disk %d %d %d, with controls %d %d %d", plain.Up, plain.Down, plain.Round, steered.Up, steered.Down, steered.Round)
	}
	if want := plain.Flops + clients*rounds*floats*(4*updates+5); math.Abs(steered.Flops-want) > 1e-9*want {
		t.Errorf("with controls %.0f FLOP, expected %.0f", steered.Flops, want)
	}
	if one.Up*clients != plain.Up || one.Leases*clients != plain.Leases || one.Flops != plain.Flops {
		t.Errorf("in one place %+v, elsewhere %+v", one, plain)
	}
}

// A method that trains the weights moves and trains whole matrices, at whatever rank adapters would have.
func TestEstimateOfWholeWeights(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, append(even, "population.client.rank=1")...), nil)
	estimate := func(weights bool, modules string) world.Estimate {
		return w.Estimate(coordinator.Fixed{Stages: []coordinator.Stage{{Name: "train", Base: "main"}}, Members: []coordinator.Member{
			{Card: method.Card{Weights: weights, Roles: []method.Role{"client"}}, Params: method.Values{"modules": modules, "batch": 4}, Rounds: 3}}})
	}
	const clients, rounds, tokens = 4, 3, 10 * 9
	adapter := estimate(false, "q")
	for modules, floats := range map[string]int{"q": 16 * 16, "*": 4*16*16 + 3*16*48 + 16*w.Bases[0].Model.Config().Vocab} {
		got := estimate(true, modules)
		if want := int64(clients * rounds * 4 * floats); got.Up != want || got.Down != want || got.Round < want/rounds || got.Stored < want {
			t.Errorf("%s: up, down and on disk %d %d %d, expected %d", modules, got.Up, got.Down, got.Round, want)
		}
		want := adapter.Flops + float64(clients*rounds*tokens)*float64(2*floats-6*32)
		if math.Abs(got.Flops-want) > 1e-9*want {
			t.Errorf("%s: %.0f FLOP, expected %.0f", modules, got.Flops, want)
		}
	}
}

// Those of a class are charged alike, and nothing is made anew for each of them.
func TestPricesOfAClassTakeNoMemory(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t, append(even, "devices.phone.jitter=0 s")...), nil)
	price := w.Price(0, nil) // whose work takes none
	want := price(client(0), 0).Spent(1e9, 1e6, 1e6)
	if n := testing.AllocsPerRun(100, func() {
		if got := price(client(1), 1).Spent(1e9, 1e6, 1e6); got != want {
			t.Errorf("client 1 is charged %v, client 0 %v", got, want)
		}
	}); n > 0 {
		t.Errorf("a price takes memory %v times", n)
	}
}
