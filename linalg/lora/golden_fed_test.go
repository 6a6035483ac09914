package lora

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

type cohort struct {
	S      float64
	Eta    float64
	Ranks  []int
	N      []float64
	Scales []float64
}

// one runs f on the case of that name and no other.
func one(t *testing.T, name string, f func(*testing.T, *linalgtest.Case)) {
	t.Helper()
	linalgtest.Cases(t, "lora/fed", func(n string) bool { return n == name }, f)
}

// factors are the clients' B and A.
func factors(t *testing.T, g *linalgtest.Case, clients int) (b, a []linalg.Dense) {
	t.Helper()
	for k := range clients {
		a = append(a, g.Get(t, fmt.Sprintf("A%d", k)))
		b = append(b, g.Get(t, fmt.Sprintf("B%d", k)))
	}
	return b, a
}

func ones(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// F1: stacking is the weighted sum, whichever factor carries the weights; on both it is not.
func TestGoldenFLoRA(t *testing.T) {
	one(t, "flora", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p, unequal := g.Get(t, "p").Data, g.Get(t, "s_unequal").Data
		n := len(p)

		onA, onB, root, ratio := ones(n), ones(n), ones(n), ones(n)
		for k := range p {
			root[k] = math.Sqrt(p[k])
			ratio[k] = p[k] * (unequal[k] / c.S)
			onA[k], onB[k] = p[k], p[k]
		}
		var delta linalg.Dense
		for _, arm := range []struct {
			name     string
			onA, onB []float64
		}{
			{"p_twice", onA, onB}, {"on_B", ones(n), onB}, {"root", root, root}, {"unequal", ratio, ones(n)}, {"on_A", onA, ones(n)},
		} {
			sum := linalg.ProductSum{KeepFactors: true}
			for k := range n {
				sum.Add(arm.onA[k], b[k].Scaled(arm.onB[k]), a[k])
			}
			bs, as, ok := sum.Factors()
			if !ok {
				t.Fatal("the factors are gone")
			}
			delta = sum.Dense().Scaled(c.S)
			g.Check(t, arm.name+".A", as.Data)
			g.Check(t, arm.name+".B", bs.Data)
			g.Check(t, arm.name+".delta", delta.Data)
			if arm.name == "p_twice" {
				off := g.Get(t, "on_A.delta").Scaled(-1)
				off.Add(1, delta)
				g.Check(t, "p_twice.relative_error", []float64{linalg.Norm(off.Data) / linalg.Norm(g.Get(t, "on_A.delta").Data)})
			}
		}
		next := g.Get(t, "W")
		next.Add(1, delta)
		g.Check(t, "W_next", next.Data)

		stack32(t, g, "on_A", c.S, p, c.Scales, b, a)
		stack32(t, g, "unequal", c.S, p, unequal, b, a)
		g.Done(t)
	})
}

// stack32 stacks adapters, which are float32, with the scales they have.
func stack32(t *testing.T, g *linalgtest.Case, arm string, s float64, p, scales []float64, b, a []linalg.Dense) {
	t.Helper()
	stack := Stack{Scale: s, KeepFactors: true}
	small := Stack{Scale: s}
	for k := range p {
		client := Adapter{pair32("0.q", b[k], a[k], scales[k])}
		for _, s := range []*Stack{&stack, &small} {
			if err := s.Add(p[k], client.Tensors()); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := stack.Adapter()[0]
	g.Check32(t, arm+".A", linalg.Widen(got.Rank, got.In, got.A).Data)
	g.Check32(t, arm+".B", linalg.Widen(got.Out, got.Rank, got.B).Data)
	g.Check32(t, arm+".delta", got.Delta().Data)
	g.Check32(t, arm+".delta", small.Adapter()[0].Delta().Data)
}

// F2: what FedIT deploys misses what it should by minus the covariance of the factors.
func TestGoldenFedIT(t *testing.T) {
	one(t, "fedit", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data

		var mean Mean
		var ideal, noise, cov, pairs linalg.ProductSum
		for k := range p {
			if err := mean.Add(p[k], Adapter{pair32("0.q", b[k], a[k], c.S)}.Tensors()); err != nil {
				t.Fatal(err)
			}
			ideal.Add(p[k]*c.S, b[k], a[k])
			noise.Add(-p[k], b[k], a[k])
		}
		got := mean.Adapter()[0]
		g.Check32(t, "A_mean", linalg.Widen(got.Rank, got.In, got.A).Data)
		g.Check32(t, "B_mean", linalg.Widen(got.Out, got.Rank, got.B).Data)
		g.Check32(t, "delta", got.Delta().Data)

		bm, am := weighted(p, b), weighted(p, a)
		g.Check(t, "A_mean", am.Data)
		g.Check(t, "B_mean", bm.Data)
		g.Check(t, "delta", linalg.Mul(bm, am).Scaled(c.S).Data)
		g.Check(t, "ideal", ideal.Dense().Data)
		noise.Add(1, bm, am)
		g.Check(t, "noise", noise.Dense().Data)
		g.Check(t, "noise_norm", []float64{noise.Norm()})

		db, da := make([]linalg.Dense, len(p)), make([]linalg.Dense, len(p))
		var vb, va []float64
		for k := range p {
			db[k], da[k] = minus(b[k], bm), minus(a[k], am)
			cov.Add(-p[k], db[k], da[k])
			vb = append(vb, math.Sqrt(p[k])*linalg.Norm(db[k].Data))
			va = append(va, math.Sqrt(p[k])*linalg.Norm(da[k].Data))
			for i := range k {
				pairs.Add(-p[i]*p[k], minus(b[i], b[k]), minus(a[i], a[k]))
			}
		}
		g.Check(t, "minus_cov", cov.Dense().Data)
		g.Check(t, "minus_pairs", pairs.Dense().Data)
		g.Check(t, "bound", []float64{linalg.Norm(vb) * linalg.Norm(va)})
		g.Check(t, "control.client0_only", linalg.Mul(b[0], a[0]).Scaled(p[0]*p[0]*c.S).Data)
		oneStep(t, g, c, p, b)
		g.Done(t)
	})
}

// oneStep takes one step of gradient descent from B = 0 at every client: A cannot move,
// so the mean is exact.
func oneStep(t *testing.T, g *linalgtest.Case, c cohort, p []float64, b []linalg.Dense) {
	t.Helper()
	start := g.Get(t, "A_init")
	stepped := make([]linalg.Dense, len(p))
	for k := range p {
		stepped[k] = linalg.Mul(g.Get(t, fmt.Sprintf("G%d", k)), start.T()).Scaled(-c.Eta * c.S)
	}
	mean := weighted(p, stepped)
	g.Check(t, "one_step.B_mean", mean.Data)
	g.Check(t, "one_step.delta", linalg.Mul(mean, start).Scaled(c.S).Data)

	var none linalg.ProductSum
	none.Add(1, weighted(p, b), start)
	for k := range p {
		none.Add(-p[k], b[k], start)
	}
	g.Check(t, "common_A.noise", none.Dense().Data)
}

func weighted(p []float64, x []linalg.Dense) linalg.Dense {
	sum := linalg.NewDense(x[0].Rows, x[0].Cols)
	for k := range p {
		sum.Add(p[k], x[k])
	}
	return sum
}

func minus(x, y linalg.Dense) linalg.Dense {
	d := x.Scaled(1)
	d.Add(-1, y)
	return d
}

// F4: row j of a padded mean has the weight of those whose rank is above j.
func TestGoldenZeroPad(t *testing.T) {
	one(t, "zeropad", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		mean := Mean{Pad: true}
		for k := range p {
			if err := mean.Add(p[k], Adapter{pair32("0.q", b[k], a[k], c.S)}.Tensors()); err != nil {
				t.Fatal(err)
			}
		}
		got := mean.Adapter()[0]
		g.Check32(t, "A", linalg.Widen(got.Rank, got.In, got.A).Data)
		g.Check32(t, "B", linalg.Widen(got.Out, got.Rank, got.B).Data)
		g.Check32(t, "delta", got.Delta().Data)
		g.Check(t, "mass", mass(t, p, c.Ranks))
		paper := []int{64, 32, 16, 16, 8, 8, 4, 4, 4, 4}
		uniform := ones(len(paper))
		for k := range uniform {
			uniform[k] = 1 / float64(len(paper))
		}
		g.Check(t, "mass_paper_ranks", mass(t, uniform, paper))
		g.Done(t)
	})
}

// mass is what the mean of factors full of ones has in each row, before it is rounded.
func mass(t *testing.T, p []float64, ranks []int) []float64 {
	t.Helper()
	mean := Mean{Pad: true}
	for k, r := range ranks {
		full := linalg.Dense{Rows: r, Cols: 1, Data: ones(r)}
		if err := mean.AddAdapter(p[k], Adapter{pair32("0.q", full.T(), full, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	return mean.modules[0].a
}
