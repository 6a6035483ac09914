package claims

import (
	"context"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/world"
)

// The ranks of FLoRA's paper for clients of unequal means, and examples in the proportions
// of Dolly's shards.
var (
	paperRanks = []int{64, 32, 16, 16, 8, 8, 4, 4, 4, 4}
	shardSizes = []float64{1820, 2831, 1773, 1299, 2253, 565, 1518, 896, 1533, 443}
)

// shares are examples as parts of one.
func shares(sizes []float64) []float64 {
	out, sum := make([]float64, len(sizes)), linalg.Sum(sizes)
	for i, n := range sizes {
		out[i] = n / sum
	}
	return out
}

// factors draws B (out×rank) and A (rank×in) of one client.
func factors(k, out, in, rank int) (b, a linalg.Dense) {
	key := rng.New(11).At("client", k)
	return draws(key.At("B"), out, rank), draws(key.At("A"), rank, in)
}

func draws(key rng.Key, rows, cols int) linalg.Dense {
	m, s := linalg.NewDense(rows, cols), key.Stream()
	for i := range m.Data {
		m.Data[i] = s.Norm()
	}
	return m
}

// apart is ‖got − want‖/‖want‖ (Frobenius).
func apart(got, want linalg.Dense) float64 {
	gap := got.Scaled(1)
	gap.Add(-1, want)
	return linalg.Norm(gap.Data) / linalg.Norm(want.Data)
}

// floraExact holds the stack of ten clients against the weighted sum of their changes, worked
// out one by one: with the weights on A, on B, and their roots on both, and as it travels.
func floraExact(context.Context, *world.World) (m measured, err error) {
	const out, in, scale = 96, 80, 2
	p := shares(shardSizes)
	want := linalg.NewDense(out, in)
	var travels lora.Stack
	for k, rank := range paperRanks {
		b, a := factors(k, out, in, rank)
		want.Add(p[k]*scale, linalg.Mul(b, a))
		pair := lora.Pair{Module: "0.q", Out: out, In: in, Rank: rank, Scale: scale, A: a.Narrow(), B: b.Narrow()}
		if err := travels.AddAdapter(p[k], lora.Adapter{pair}); err != nil {
			return m, err
		}
	}
	for _, x := range []struct {
		name     string
		onA, onB float64
	}{{"weights on A", 1, 0}, {"weights on B", 0, 1}, {"roots on both", 0.5, 0.5}} {
		sum := linalg.ProductSum{KeepFactors: true}
		for k, rank := range paperRanks {
			b, a := factors(k, out, in, rank)
			sum.Add(1, b.Scaled(math.Pow(p[k], x.onB)), a.Scaled(math.Pow(p[k], x.onA)))
		}
		b, a, _ := sum.Factors()
		m.errors = append(m.errors, off(x.name+", float64", apart(linalg.Mul(b, a).Scaled(scale), want), 1e-12))
	}
	m.errors = append(m.errors, off("as it travels, float32", apart(travels.Adapter()[0].Delta(), want), 1e-5))
	return m, nil
}

// feditNoise holds B̄Ā − Σp_kB_kA_k against minus the weighted covariance of the factors, and
// against its bound; after one step from a shared start with B = 0 it must vanish.
func feditNoise(context.Context, *world.World) (m measured, err error) {
	const out, in, rank = 48, 40, 8
	p := shares(shardSizes)
	var bs, as []linalg.Dense
	for k := range p {
		b, a := factors(k, out, in, rank)
		bs, as = append(bs, b), append(as, a)
	}
	noise, meanB, meanA := noiseOf(p, bs, as)
	covariance := linalg.NewDense(out, in)
	var spreadB, spreadA []float64
	for k := range p {
		db, da := bs[k].Scaled(1), as[k].Scaled(1)
		db.Add(-1, meanB)
		da.Add(-1, meanA)
		covariance.Add(-p[k], linalg.Mul(db, da))
		spreadB = append(spreadB, math.Sqrt(p[k])*linalg.Norm(db.Data))
		spreadA = append(spreadA, math.Sqrt(p[k])*linalg.Norm(da.Data))
	}
	bound := linalg.Norm(spreadB) * linalg.Norm(spreadA)
	m.errors = append(m.errors, off("noise is minus the covariance", apart(noise, covariance), 1e-12),
		off("noise above its bound", max(0, linalg.Norm(noise.Data)/bound-1), 0))
	// One step of gradient descent: with B = 0 A does not move, and B is −ηs·G·Aᵀ.
	shared := draws(rng.New(12).At("shared"), rank, in)
	for k := range p {
		as[k] = shared
		bs[k] = linalg.Mul(draws(rng.New(13).At("gradient", k), out, in), shared.T()).Scaled(-0.1)
	}
	noise, meanB, meanA = noiseOf(p, bs, as)
	m.errors = append(m.errors, off("noise after one step from a shared start", linalg.Norm(noise.Data)/linalg.Norm(linalg.Mul(meanB, meanA).Data), 1e-12))
	return m, nil
}

func noiseOf(p []float64, bs, as []linalg.Dense) (noise, meanB, meanA linalg.Dense) {
	meanB, meanA = linalg.NewDense(bs[0].Rows, bs[0].Cols), linalg.NewDense(as[0].Rows, as[0].Cols)
	for k := range p {
		meanB.Add(p[k], bs[k])
		meanA.Add(p[k], as[k])
	}
	noise = linalg.Mul(meanB, meanA)
	for k := range p {
		noise.Add(-p[k], linalg.Mul(bs[k], as[k]))
	}
	return noise, meanB, meanA
}

// zeropadMass has ten clients of the paper's ranks hold factors of ones: what the padded mean
// holds in row j is the share of those whose rank is above j.
func zeropadMass(context.Context, *world.World) (m measured, err error) {
	mean := lora.Mean{Pad: true}
	for _, rank := range paperRanks {
		p := lora.Pair{Module: "0.q", Out: 70, In: 66, Rank: rank, Scale: 2, A: ones(rank * 66), B: ones(70 * rank)}
		if err := mean.AddAdapter(1/float64(len(paperRanks)), lora.Adapter{p}); err != nil {
			return m, err
		}
	}
	p := mean.Adapter()[0]
	for _, x := range []struct {
		from, to int
		mass     float64
	}{{0, 4, 1}, {4, 8, 0.6}, {8, 16, 0.4}, {16, 32, 0.2}, {32, 64, 0.1}} {
		worst := 0.0
		for j := x.from; j < x.to; j++ {
			worst = max(worst, math.Abs(float64(p.A[j*p.In])-x.mass), math.Abs(float64(p.B[j])-x.mass))
		}
		m.errors = append(m.errors, off(fmt.Sprintf("rows %d … %d hold %g", x.from, x.to-1, x.mass), worst, 1e-7))
	}
	return m, nil
}

func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1
	}
	return x
}

// bytesOnTheWire counts the numbers in what would travel, and holds them against the
// formulas: up (m+n)·Σr, down to each client (m+n)·Σr as a stack, or m·n where that is
// smaller, which for square weights is from Σr > d/2 on.
func bytesOnTheWire(context.Context, *world.World) (m measured, err error) {
	for _, x := range []struct {
		out, in int
		ranks   []int
		dense   bool
	}{
		{512, 512, paperRanks, false}, {512, 256, paperRanks, false}, {256, 256, paperRanks, true},
		{64, 64, []int{4, 4, 4, 4, 4, 4, 4, 4, 4, 4}, true}, {64, 64, []int{4, 4, 4, 4, 4, 4, 4}, false},
	} {
		var stack lora.Stack
		up, sum := 0, 0
		for k, rank := range x.ranks {
			b, a := factors(k, x.out, x.in, rank)
			adapter := lora.Adapter{{Module: "0.q", Out: x.out, In: x.in, Rank: rank, Scale: 2, A: a.Narrow(), B: b.Narrow()}}
			up, sum = up+adapter.Floats(), sum+rank
			if err := stack.AddAdapter(1, adapter); err != nil {
				return m, err
			}
		}
		down := (x.out + x.in) * sum
		if x.dense {
			down = x.out * x.in
		}
		what := fmt.Sprintf("%d×%d, Σr %d", x.out, x.in, sum)
		m.errors = append(m.errors, off(what+", numbers up", math.Abs(float64(up-(x.out+x.in)*sum)), 0),
			off(what+", numbers down", math.Abs(float64(stack.Adapter().Floats()-down)), 0))
	}
	return m, nil
}
