package lora

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// sumOf is Σ w_k·b_kA_k.
func sumOf(w []float64, b, a []linalg.Dense) *linalg.ProductSum {
	sum := &linalg.ProductSum{KeepFactors: true}
	for k := range w {
		sum.Add(w[k], b[k], a[k])
	}
	return sum
}

// FedEx-LoRA: mean and residual together are exact; the transposed residual is not.
func TestGoldenFedEx(t *testing.T) {
	one(t, "fedex", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		bm, am := weighted(p, b), weighted(p, a)
		g.Check(t, "A_mean", am.Data)
		g.Check(t, "B_mean", bm.Data)
		off := make([]linalg.Dense, len(p))
		for k := range p {
			off[k] = minus(b[k], bm).Scaled(p[k])
		}
		thinB, thinA := thinResidual(off, a)
		g.Check(t, "residual.B", thinB.Data)
		g.Check(t, "residual.A", thinA.Scaled(c.S).Data)
		residual := sumOf(ones(len(p)), off, a).Dense().Scaled(c.S)
		g.Check(t, "residual", residual.Data)
		g.Check(t, "residual", linalg.Mul(thinB, thinA).Scaled(c.S).Data)
		next := g.Get(t, "W")
		next.Add(1, residual)
		g.Check(t, "W_next", next.Data)
		g.Check(t, "fedit_error", []float64{linalg.Norm(residual.Data)})
		g.Check(t, "control.transposed_error", []float64{linalg.Norm(minus(residual, residual.T()).Data)})

		var mean Mean
		var clients []Adapter
		for k := range p {
			clients = append(clients, Adapter{pair32("0.q", b[k], a[k], c.S)})
			if err := mean.AddAdapter(p[k], clients[k]); err != nil {
				t.Fatal(err)
			}
		}
		r := NewResidual(mean.Adapter(), len(p))
		for k, x := range clients {
			if err := r.Add(p[k], x); err != nil {
				t.Fatal(err)
			}
		}
		got := r.Adapter()[0]
		g.Check32(t, "residual", got.Delta().Data)
		if !got.Dense() {
			g.Check32(t, "residual.B", linalg.Widen(got.Out, got.Rank, got.B).Data)
			g.Check32(t, "residual.A", linalg.Widen(got.Rank, got.In, got.A).Scaled(c.S).Data)
		}
		g.Done(t)
	})
}

// FlexLoRA: what a client of any rank receives is the best approximation of that rank.
func TestGoldenFlexLoRA(t *testing.T) {
	one(t, "flexlora", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		w := make([]float64, len(p))
		stack := Stack{Scale: 1}
		for k := range p {
			w[k] = p[k] * c.Scales[k]
			if err := stack.AddAdapter(p[k], Adapter{pair32("0.q", b[k], a[k], c.Scales[k])}); err != nil {
				t.Fatal(err)
			}
		}
		sum := sumOf(w, b, a).Dense()
		g.Check(t, "delta", sum.Data)
		d, err := keptOf(sumOf(w, b, a), everything, 1)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(t, "sigma", d.Sigma)
		top, err := stack.Top(slices.Max(c.Ranks), 1)
		if err != nil {
			t.Fatal(err)
		}
		for k, r := range c.Ranks {
			name := fmt.Sprintf("rank%d.", r)
			cut, err := topOf(sumOf(w, b, a), r, 1)
			if err != nil {
				t.Fatal(err)
			}
			sentB, sentA := factorsOf(cut)
			g.Check(t, name+"A", sentA.Data)
			g.Check(t, name+"B", sentB.Scaled(1/c.Scales[k]).Data)
			g.Check(t, name+"product", cut.Product().Data)
			g.Check(t, name+"error", []float64{linalg.Norm(minus(sum, cut.Product()).Data)})
			// The way it travels: leading rows of one adapter, at the client's scale.
			sent, err := top.Truncate(r)
			if err != nil {
				t.Fatal(err)
			}
			off := minus(sent.Rescale(c.Scales[k])[0].Delta(), cut.Product())
			if e := linalg.Norm(off.Data) / linalg.Norm(cut.Product().Data); e > 1e-6 {
				t.Errorf("rank %d: what a client receives in float32 is %.2g away", r, e)
			}
		}
		g.Done(t)
	})
}

func everything(sigma []float64) int { return len(sigma) }

// FLoRIST: the energy of the singular values, squared, chooses the rank.
func TestGoldenFLoRIST(t *testing.T) {
	one(t, "florist", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		d, err := keptOf(sumOf(p, b, a), everything, 2)
		if err != nil {
			t.Fatal(err)
		}
		g.Check(t, "sigma", d.Sigma[:len(g.Get(t, "sigma").Data)])
		for _, row := range linalgtest.Table[struct {
			Tau  json.Number
			Rank int `json:"rank_energy"`
		}](t, g, "thresholds") {
			tau, err := row.Tau.Float64()
			if err != nil {
				t.Fatal(err)
			}
			k := energyRank(d.Sigma, tau)
			if k != row.Rank {
				t.Errorf("τ = %v: rank %d, expected %d", tau, k, row.Rank)
			}
			g.Check(t, "tau"+row.Tau.String()+".product", d.Top(k).Product().Data)
			stack := Stack{KeepFactors: true}
			for k := range p {
				if err := stack.AddAdapter(p[k], Adapter{pair32("0.q", b[k], a[k], c.S)}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := stack.Energy(tau, 2)
			if err != nil {
				t.Fatal(err)
			}
			want := d.Top(k).Product().Scaled(c.S)
			if off := linalg.Norm(minus(got[0].Delta(), want).Data) / linalg.Norm(want.Data); got[0].Rank != k || off > 1e-6 {
				t.Errorf("τ = %v in float32: rank %d, %.2g away", tau, got[0].Rank, off)
			}
		}
		g.Done(t)
	})
}

// LoRA-FAIR: B̄ corrected by the closed form of its least squares.
func TestGoldenLoRAFAIR(t *testing.T) {
	one(t, "lora_fair", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		bm, am := weighted(p, b), weighted(p, a)
		ideal := sumOf(p, b, a).Dense()
		g.Check(t, "A_mean", am.Data)
		g.Check(t, "fedit_error", []float64{linalg.Norm(minus(linalg.Mul(bm, am), ideal).Data)})
		off := make([]linalg.Dense, len(p))
		var mean Mean
		for k := range p {
			off[k] = minus(b[k], bm)
			if err := mean.AddAdapter(p[k], Adapter{pair32("0.q", b[k], a[k], c.Scales[k])}); err != nil {
				t.Fatal(err)
			}
		}
		eat := linalg.Mul(sumOf(p, off, a).Dense(), am.T())
		lambdas := map[string]bool{}
		for _, name := range g.Names() {
			if i := strings.LastIndexByte(name, '.'); strings.HasPrefix(name, "lam") {
				lambdas[name[:i]] = true
			}
		}
		for name := range maps.Keys(lambdas) {
			lambda, err := strconv.ParseFloat(strings.TrimPrefix(name, "lam"), 64)
			if err != nil {
				t.Fatal(err)
			}
			db, err := shift(eat, am, lambda)
			if err != nil {
				t.Fatal(err)
			}
			moved := bm.Scaled(1)
			moved.Add(1, db)
			g.Check(t, name+".dB", db.Data)
			g.Check(t, name+".B", moved.Data)
			g.Check(t, name+".error", []float64{linalg.Norm(minus(linalg.Mul(moved, am), ideal).Data)})
			corrected(t, mean.Adapter(), c.Scales, p, b, a, lambda, moved)
		}
		g.Done(t)
	})
}

// corrected does the same with adapters.
func corrected(t *testing.T, mean Adapter, scales, p []float64, b, a []linalg.Dense, lambda float64, want linalg.Dense) {
	t.Helper()
	x := NewCorrection(mean)
	for k := range p {
		if err := x.Add(p[k], Adapter{pair32("0.q", b[k], a[k], scales[k])}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := x.Adapter(lambda)
	if err != nil {
		t.Fatal(err)
	}
	if off := linalg.Norm(minus(linalg.Widen(got[0].Out, got[0].Rank, got[0].B), want).Data) / linalg.Norm(want.Data); off > 1e-5 {
		t.Errorf("λ = %v: the corrected B in float32 is %.2g away", lambda, off)
	}
}

// FFA-LoRA, RoLoRA, FedSA-LoRA: with one factor in common, the mean of the other is exact.
func TestGoldenFrozenFactor(t *testing.T) {
	one(t, "frozen_factor", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[cohort](t, g)
		b, a := factors(t, g, len(c.Ranks))
		p := g.Get(t, "p").Data
		commonA, commonB := g.Get(t, "A_common"), g.Get(t, "B_common")
		bm, am := weighted(p, b), weighted(p, a)
		g.Check(t, "ffa.B", bm.Data)
		g.Check(t, "rolora_A_round.A", am.Data)
		g.Check(t, "fedsa.A", am.Data)
		delta := func(b, a linalg.Dense) []float64 { return linalg.Mul(b, a).Scaled(c.S).Data }
		g.Check(t, "ffa.delta", delta(bm, commonA))
		g.Check(t, "rolora_A_round.delta", delta(commonB, am))
		for k := range p {
			g.Check(t, fmt.Sprintf("fedsa.delta%d", k), delta(b[k], am))
		}

		var onlyB, onlyA Mean
		for k := range p {
			x := Adapter{pair32("0.q", b[k], a[k], c.S)}
			for factor, mean := range map[string]*Mean{"A": &onlyA, "B": &onlyB} {
				f, err := x.Only(factor)
				if err != nil {
					t.Fatal(err)
				}
				if err := mean.AddFactors(p[k], f); err != nil {
					t.Fatal(err)
				}
			}
		}
		common := Factors{pair32("0.q", commonB, commonA, c.S)}
		for name, half := range map[string]Factors{"ffa.delta": onlyB.Factors(), "rolora_A_round.delta": onlyA.Factors()} {
			whole, err := half.Over(common)
			if err != nil {
				t.Fatal(err)
			}
			g.Check32(t, name, whole.Whole()[0].Delta().Data)
		}
		g.Done(t)
	})
}
