package flora

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// F1: what FLoRA deploys is the weighted sum of its clients' changes: at the paper's
// spread of ranks, at unequal scales, and wherever the weights are put, on A, on B or
// their roots on both. On both twice it is not.
func TestF1StackingExact(t *testing.T) {
	examples := []int{182, 283, 177, 130, 45}
	shares := sharesOf(examples)
	ranks := []int{8, 4, 4, 2, 1}
	for name, scale := range map[string]func(k int) float64{
		"one scale":      func(int) float64 { return 2 },
		"unequal scales": func(k int) float64 { return 0.5 + float64(k) },
	} {
		for n := 1; n <= len(ranks); n++ { // factors at first, dense in the end
			w := newWorld(t, FLoRA())
			var clients []lora.Adapter
			for k := range n {
				clients = append(clients, client(k, ranks[k], scale(k)))
			}
			out := w.mustFold(examples[:n], clients...)
			if g := w.gap(out.Deploy, sharesOf(examples[:n]), clients...); g.Relative() > 1e-6 || g.Wanted == 0 {
				t.Errorf("%s, %d clients: relative error %.2g of %.2g", name, n, g.Relative(), g.Wanted)
			}
		}
	}

	var clients []lora.Adapter
	for k, r := range ranks {
		clients = append(clients, client(k, r, 2))
	}
	onA, onB, root, twice := weighedStack(shares, clients, 1, 0), weighedStack(shares, clients, 0, 1),
		weighedStack(shares, clients, 0.5, 0.5), weighedStack(shares, clients, 1, 1)
	for name, other := range map[string]linalg.Dense{"on B": onB, "roots on both": root} {
		if d := apart(other, onA); d > 1e-12 {
			t.Errorf("weights %s: %.2g from weights on A", name, d)
		}
	}
	if d := apart(twice, onA); d < 0.5 {
		t.Errorf("weights on both are only %.2g from right: the check cannot tell", d)
	}
}

// weighedStack is s·B_st·A_st of the first module in float64, with shares to the given
// powers on A and B.
func weighedStack(shares []float64, clients []lora.Adapter, powerA, powerB float64) linalg.Dense {
	sum := linalg.ProductSum{KeepFactors: true}
	for k, a := range clients {
		p := a[0]
		sum.Add(1, linalg.Widen(p.Out, p.Rank, p.B).Scaled(math.Pow(shares[k], powerB)), linalg.Widen(p.Rank, p.In, p.A).Scaled(math.Pow(shares[k], powerA)))
	}
	b, a, _ := sum.Factors()
	return linalg.Mul(b, a).Scaled(clients[0][0].Scale)
}

// F2: what FedIT deploys misses the weighted sum by minus the covariance of the factors;
// it is bounded by their spreads, and 0 where all have one A, as after one local step
// from a shared start with B = 0.
func TestF2FedITNoiseIsMinusCovariance(t *testing.T) {
	examples := []int{10, 40, 25, 25}
	shares := sharesOf(examples)
	var clients []lora.Adapter
	for k := range examples {
		clients = append(clients, client(k, 3, 2))
	}
	w := newWorld(t, FedIT())
	out := w.mustFold(examples, clients...)
	gap := w.gap(out.Deploy, shares, clients...)

	mean := adapterIn(t, w.store, out.Deploy.Attach[0].From.Blob)
	var covariance, bound []float64
	for i, m := range mean {
		var cov linalg.ProductSum
		var spreadA, spreadB []float64
		for k := range clients {
			p := clients[k][i]
			da, db := linalg.Widen(p.Rank, p.In, p.A), linalg.Widen(p.Out, p.Rank, p.B)
			da.Add(-1, linalg.Widen(p.Rank, p.In, m.A))
			db.Add(-1, linalg.Widen(p.Out, p.Rank, m.B))
			cov.Add(shares[k]*p.Scale, db, da)
			spreadA = append(spreadA, math.Sqrt(shares[k])*linalg.Norm(da.Data))
			spreadB = append(spreadB, math.Sqrt(shares[k])*linalg.Norm(db.Data))
		}
		covariance = append(covariance, cov.Norm())
		bound = append(bound, 2*linalg.Norm(spreadA)*linalg.Norm(spreadB))
	}
	if want := linalg.Norm(covariance); math.Abs(gap.Absolute-want) > 1e-6*want {
		t.Errorf("the noise has norm %v, the covariance %v", gap.Absolute, want)
	}
	if gap.Absolute > linalg.Norm(bound) || gap.Relative() < 0.1 {
		t.Errorf("the noise is %v (%.2f of what was wanted), the bound %v", gap.Absolute, gap.Relative(), linalg.Norm(bound))
	}

	var stepped []lora.Adapter
	for k := range examples {
		stepped = append(stepped, oneStep(k))
	}
	w = newWorld(t, FedIT())
	out = w.mustFold(examples, stepped...)
	if g := w.gap(out.Deploy, shares, stepped...); g.Relative() > 1e-6 || g.Wanted == 0 {
		t.Errorf("after one step from a shared start the noise is %.2g of %.2g", g.Relative(), g.Wanted)
	}
}

// oneStep is a client after one step of gradient descent from the shared start: with
// B = 0, dL/dA is 0 and B becomes −η·s·G·Aᵀ.
func oneStep(k int) (out lora.Adapter) {
	const eta, s = 0.1, 2
	for _, m := range modules[:2] {
		p := lora.Fresh(rng.New(1).At("shared"), lora.Module{Name: m.Name, Out: m.Out, In: m.In}, 3, s, lora.Kaiming{})
		draws := rng.New(3).At(k, m.Name).Stream()
		g := linalg.NewDense(m.Out, m.In)
		for i := range g.Data {
			g.Data[i] = draws.Norm()
		}
		p.B = linalg.Mul(g, linalg.Widen(p.Rank, p.In, p.A).T()).Scaled(-eta * s).Narrow()
		out = append(out, p)
	}
	return out
}

// F4: zero-padding dilutes row j of each factor to the weight of the clients whose rank is
// above j. At the paper's ranks and equal shards: 1, .6, .4, .2, .1.
func TestF4ZeroPadDilution(t *testing.T) {
	ranks := []int{64, 32, 16, 16, 8, 8, 4, 4, 4, 4}
	var clients []lora.Adapter
	examples := make([]int, len(ranks))
	for k, r := range ranks {
		examples[k] = 7
		clients = append(clients, lora.Adapter{full("0.q", 80, 70, r)})
	}
	w := newWorld(t, ZeroPad())
	out := w.mustFold(examples, clients...)
	mean := adapterIn(t, w.store, out.Deploy.Attach[0].From.Blob)[0]
	for j := range mean.Rank {
		want := map[int]float32{0: 1, 4: 0.6, 8: 0.4, 16: 0.2, 32: 0.1}[[]int{0, 4, 8, 16, 32}[bucket(j)]]
		if a, b := mean.A[j*70], mean.B[j]; a != want || b != want {
			t.Errorf("row %d of A has %v and column %d of B %v, expected %v", j, a, j, b, want)
		}
	}
	if got := fmt.Sprint(out.Values); got != fmt.Sprint([]method.Value{{Name: "rank.min", Value: 4, Weight: 1}, {Name: "rank.max", Value: 64, Weight: 1}}) {
		t.Errorf("values %v", got)
	}
}

func bucket(j int) int {
	n := 0
	for _, from := range []int{4, 8, 16, 32} {
		if j >= from {
			n++
		}
	}
	return n
}

// full has ones everywhere.
func full(module string, out, in, rank int) lora.Pair {
	p := lora.Pair{Module: module, Out: out, In: in, Rank: rank, Scale: 2, A: make([]float32, rank*in), B: make([]float32, out*rank)}
	for _, x := range [][]float32{p.A, p.B} {
		for i := range x {
			x[i] = 1
		}
	}
	return p
}

// F5: numbers up and down, counted on blobs: uploads are the same for all methods, the
// download is the mean, the padded mean, or the smaller of stack and dense change.
func TestF5Bytes(t *testing.T) {
	const out, in = 64, 64
	for _, c := range []struct {
		m     method.Method
		ranks []int
		down  int
	}{
		{FedIT(), []int{4, 4, 4}, (out + in) * 4},
		{FedITRestart(), []int{4, 4, 4}, (out + in) * 4},
		{ZeroPad(), []int{8, 4, 2}, (out + in) * 8},
		{FLoRA(), []int{8, 4, 2}, (out + in) * 14},
		{FLoRA(), []int{16, 8, 8}, out * in},        // R = d/2: as large as the change
		{FLoRA(), []int{16, 8, 8, 4}, out * in},     // R > d/2
		{FLoRA(), []int{16, 8, 7}, (out + in) * 31}, // R < d/2
	} {
		w := newWorld(t, c.m)
		var clients []lora.Adapter
		var examples []int
		for _, r := range c.ranks {
			clients = append(clients, lora.Adapter{full("0.q", out, in, r)})
			examples = append(examples, 5)
			if n := clients[len(clients)-1].Floats(); n != (out+in)*r {
				t.Errorf("rank %d uploads %d numbers", r, n)
			}
		}
		w.mustFold(examples, clients...)
		if n := adapterIn(t, w.store, w.state.Holds[0]).Floats(); n != c.down {
			t.Errorf("%s at ranks %v sends %d numbers to each client, expected %d", c.m.Describe().Name, c.ranks, n, c.down)
		}
	}
}

func sharesOf(examples []int) (p []float64) {
	n := 0
	for _, x := range examples {
		n += x
	}
	for _, x := range examples {
		p = append(p, float64(x)/float64(n))
	}
	return p
}

func apart(x, y linalg.Dense) float64 {
	off := x.Scaled(1)
	off.Add(-1, y)
	return linalg.Norm(off.Data) / linalg.Norm(y.Data)
}
