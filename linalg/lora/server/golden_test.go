package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

func one(t *testing.T, name string, f func(*testing.T, *linalgtest.Case)) {
	t.Helper()
	linalgtest.Cases(t, "lora/fed", func(n string) bool { return n == name }, f)
}

// shares are p_k = n_k/Σn.
func shares(n []float64) []float64 {
	p := slices.Clone(n)
	for k := range p {
		p[k] /= linalg.Sum(n)
	}
	return p
}

// The server's optimisers over three rounds of the same changes.
func TestGoldenServerOptimisers(t *testing.T) {
	one(t, "server_optimisers", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			N                            []float64
			Eta, Beta, Beta1, Beta2, Tau float64
		}](t, g)
		for arm, o := range map[string]Optimiser{
			"fedavg":         {Rule: FedAvg},
			"fedavgm":        {Rule: FedAvgM, Rate: c.Eta, Beta1: c.Beta},
			"fedavgm_damped": {Rule: FedAvgM, Rate: c.Eta, Beta1: c.Beta, Damped: true},
			"fedadagrad":     {Rule: FedAdagrad, Rate: c.Eta, Beta1: c.Beta1, Tau: c.Tau},
			"fedadam":        {Rule: FedAdam, Rate: c.Eta, Beta1: c.Beta1, Beta2: c.Beta2, Tau: c.Tau},
			"fedyogi":        {Rule: FedYogi, Rate: c.Eta, Beta1: c.Beta1, Beta2: c.Beta2, Tau: c.Tau},
		} {
			x, memory := g.Get(t, "x0").Data, Memory{}
			for r := 1; g.Has(fmt.Sprintf("%s.x%d", arm, r)); r++ {
				mean := make([]float64, len(x))
				for k, p := range shares(c.N) {
					for i, d := range g.Get(t, fmt.Sprintf("D%d.%d", r, k)).Data {
						mean[i] += float64(p * d)
					}
				}
				x, memory = o.Step(x, mean, memory)
				for what, got := range map[string][]float64{"x": x, "m": memory.M, "v": memory.V} {
					if name := fmt.Sprintf("%s.%s%d", arm, what, r); g.Has(name) {
						g.Check(t, name, got)
					}
				}
			}
		}
		g.Done(t)
	})
}

// client is an objective (y−b)ᵀH(y−b)/2 with its gradient.
type client struct {
	h linalg.Dense
	b []float64
}

func clients(t *testing.T, g *linalgtest.Case) (list []client) {
	t.Helper()
	for k := 0; g.Has(fmt.Sprintf("H%d", k)); k++ {
		list = append(list, client{g.Get(t, fmt.Sprintf("H%d", k)), g.Get(t, fmt.Sprintf("b%d", k)).Data})
	}
	return list
}

func (c client) gradient(y []float64) []float64 {
	off := slices.Clone(y)
	for i := range off {
		off[i] -= c.b[i]
	}
	return linalg.Mul(linalg.Dense{Rows: 1, Cols: len(off), Data: off}, c.h.T()).Data
}

func (c client) value(y []float64) float64 {
	g := c.gradient(y)
	var sum float64
	for i := range y {
		sum += float64((y[i] - c.b[i]) * g[i])
	}
	return sum / 2
}

// descend takes so many steps against the gradient that bend has changed.
func (c client) descend(y []float64, steps int, rate float64, bend func(y, g []float64)) []float64 {
	y = slices.Clone(y)
	for range steps {
		g := c.gradient(y)
		bend(y, g)
		for i := range y {
			y[i] -= float64(rate * g[i])
		}
	}
	return y
}

func plainly(_, _ []float64) {}

// towards is the gradient of μ/2·‖y − x‖², added.
func towards(x []float64, mu float64) func(y, g []float64) {
	return func(y, g []float64) {
		for i := range g {
			g[i] += float64(mu * (y[i] - x[i]))
		}
	}
}

// meanOf is a server's step by the weighted mean of its clients' changes.
func meanOf(x []float64, p []float64, ys [][]float64) []float64 {
	mean := make([]float64, len(x))
	for k, y := range ys {
		for i := range mean {
			mean[i] += float64(p[k] * (y[i] - x[i]))
		}
	}
	next, _ := Optimiser{Rule: FedAvg}.Step(x, mean, Memory{})
	return next
}

// SCAFFOLD: clients' steps, the server's, and the controls of both, round by round.
func TestGoldenSCAFFOLD(t *testing.T) {
	one(t, "scaffold", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			Steps   int     `json:"local_steps"`
			Rate    float64 `json:"eta_local"`
			Global  float64 `json:"eta_global"`
			Cohorts [][]int
			Clients int
		}](t, g)
		all := clients(t, g)
		x := g.Get(t, "x0").Data
		server, own := make([]float64, len(x)), make([][]float64, c.Clients)
		for k := range own {
			own[k] = make([]float64, len(x))
		}
		for r, cohort := range c.Cohorts {
			mean, next := make([]float64, len(x)), slices.Clone(server)
			for _, k := range cohort {
				control := Control{Server: server, Own: own[k]}
				y := all[k].descend(x, c.Steps, c.Rate, func(_, g []float64) { control.Correct(g) })
				g.Check(t, fmt.Sprintf("y%d.%d", r+1, k), y)
				now := control.Next(x, y, float64(c.Steps)*c.Rate)
				Gather(next, 1/float64(c.Clients), own[k], now)
				own[k] = now
				for i := range mean {
					mean[i] += (y[i] - x[i]) / float64(len(cohort))
				}
			}
			// The server's rate is that of FedAvgM without momentum.
			x, _ = Optimiser{Rule: FedAvgM, Rate: c.Global}.Step(x, mean, Memory{})
			server = next
			g.Check(t, fmt.Sprintf("x%d", r+1), x)
			g.Check(t, fmt.Sprintf("c%d", r+1), server)
			g.Check(t, fmt.Sprintf("c_clients%d", r+1), slices.Concat(own...))
		}
		g.Done(t)
	})
}

// FedProx: the pull towards the model that the round began with.
func TestGoldenFedProx(t *testing.T) {
	one(t, "fedprox", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			Steps   int `json:"local_steps"`
			Eta, Mu float64
			N       []float64
		}](t, g)
		all := clients(t, g)
		x, y := g.Get(t, "x0").Data, g.Get(t, "y").Data
		gradient, apart := all[0].gradient(y), 0.0
		towards(x, c.Mu)(y, gradient)
		for i := range y {
			apart += float64((y[i] - x[i]) * (y[i] - x[i]))
		}
		g.Check(t, "gradient", gradient)
		g.Check(t, "value", []float64{all[0].value(y) + c.Mu/2*apart})
		for r := 1; g.Has(fmt.Sprintf("x%d", r)); r++ {
			var ys [][]float64
			for _, k := range all {
				ys = append(ys, k.descend(x, c.Steps, c.Eta, towards(x, c.Mu)))
			}
			x = meanOf(x, shares(c.N), ys)
			g.Check(t, fmt.Sprintf("x%d", r), x)
		}
		g.Done(t)
	})
}

// Ditto: personal models are pulled towards the model that their round began with.
func TestGoldenDitto(t *testing.T) {
	one(t, "ditto", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			Steps    int `json:"local_steps"`
			Eta, Lam float64
			N        []float64
		}](t, g)
		all := clients(t, g)
		x := g.Get(t, "x0").Data
		own := slices.Repeat([][]float64{x}, len(all))
		for r := 1; g.Has(fmt.Sprintf("x%d", r)); r++ {
			var ys [][]float64
			for k, client := range all {
				ys = append(ys, client.descend(x, c.Steps, c.Eta, plainly))
				own[k] = client.descend(own[k], c.Steps, c.Eta, towards(x, c.Lam))
			}
			x = meanOf(x, shares(c.N), ys)
			g.Check(t, fmt.Sprintf("x%d", r), x)
			g.Check(t, fmt.Sprintf("v%d", r), slices.Concat(own...))
		}
		g.Done(t)
	})
}

func TestWhatDoesNotFitIsAccused(t *testing.T) {
	for what, f := range map[string]func(){
		"2 parameters, 1 changes": func() { Optimiser{Rule: FedAvg}.Step([]float64{1, 2}, []float64{1}, Memory{}) },
		`the rule "adam"`:         func() { Optimiser{Rule: "adam"}.Step([]float64{1}, []float64{1}, Memory{}) },
		"controls of 0 and 1":     func() { Control{Own: []float64{1}}.Correct([]float64{1}) },
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, what) {
					t.Errorf("%q was said, expected %q", said, what)
				}
			}()
			f()
		}()
	}
}
