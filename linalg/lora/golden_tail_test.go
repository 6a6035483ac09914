package lora

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// HetLoRA: what clients receive, weights by the norm of the product, pruning by the tail.
func TestGoldenHetLoRA(t *testing.T) {
	one(t, "hetlora", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			cohort
			Lam, Gamma float64
			RMin       int `json:"r_min"`
		}](t, g)
		b, a := factors(t, g, len(c.Ranks))
		clients := make([]Adapter, len(a))
		for k := range a {
			clients[k] = Adapter{pair32("0.q", b[k], a[k], c.Scales[k])}
		}
		sent(t, g, c.Ranks)
		norms := make([]float64, len(a))
		for k := range a {
			norms[k] = productNorm(b[k], a[k])
			if off := math.Abs(clients[k][0].ProductNorm()/norms[k] - 1); off > 1e-6 {
				t.Errorf("client %d: the norm in float32 is %.2g away", k, off)
			}
		}
		g.Check(t, "norms", norms)
		for arm, scales := range map[string][]float64{"plain": ones(len(a)), "with_scale": g.Get(t, "s_unequal").Data} {
			w := make([]float64, len(a))
			for k := range w {
				w[k] = scales[k] * norms[k]
			}
			sum := linalg.Sum(w)
			for k := range w {
				w[k] /= sum
			}
			g.Check(t, arm+".w", w)
			r := round{bg: g.Get(t, "global.B"), ag: g.Get(t, "global.A"), b: b, a: a, p: w}
			padded := r.padded(w).deployed[0]
			g.Check(t, arm+".A", padded.a.Data)
			g.Check(t, arm+".B", padded.b.Data)
			mean := Mean{Pad: true}
			for k := range w {
				if err := mean.AddAdapter(w[k], clients[k].Rescale(1)); err != nil {
					t.Fatal(err)
				}
			}
			if arm == "plain" && slices.Max(c.Scales) == slices.Min(c.Scales) {
				got := mean.Adapter()[0]
				g.Check32(t, arm+".A", linalg.Widen(got.Rank, got.In, got.A).Data)
				g.Check32(t, arm+".B", linalg.Widen(got.Out, got.Rank, got.B).Scaled(1/c.Scales[0]).Data)
			}
		}
		pruned(t, g, c.Ranks, c.RMin, c.Gamma, b, a)
		regularised(t, g, c.Lam, c.Gamma, b[0], a[0])
		t.Run("tail starts", func(t *testing.T) {
			for _, row := range linalgtest.Table[struct{ R, Floor int }](t, g, "tail_start_of_0.99r") {
				if got := TailStart(row.R, 0.99); got != row.Floor {
					t.Errorf("the tail of rank %d starts at %d, expected %d", row.R, got, row.Floor)
				}
			}
		})
		g.Done(t)
	})
}

// sent are the leading rows that each client receives.
func sent(t *testing.T, g *linalgtest.Case, ranks []int) {
	t.Helper()
	bg, ag := g.Get(t, "global.B"), g.Get(t, "global.A")
	global := Adapter{pair32("0.q", bg, ag, 1)}
	for k, r := range ranks {
		g.Check(t, fmt.Sprintf("sent.A%d", k), ag.Data[:r*ag.Cols])
		g.Check(t, fmt.Sprintf("sent.B%d", k), bg.Columns(0, r).Data)
		cut, err := global.Truncate(r)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(cut[0].A, global[0].A[:r*ag.Cols]) || !slices.Equal(cut[0].B, bg.Columns(0, r).Narrow()) {
			t.Errorf("client %d receives other rows than the leading %d", k, r)
		}
	}
}

// pruned holds the tails after training, and the ranks that they lead to, against the case.
func pruned(t *testing.T, g *linalgtest.Case, ranks []int, least int, gamma float64, b, a []linalg.Dense) {
	t.Helper()
	began, ended, next := g.Get(t, "tail_start").Data, make([]float64, len(a)), make([]float64, len(a))
	for k := range a {
		ended[k] = tailProduct(b[k], a[k], TailStart(ranks[k], gamma))
		next[k] = float64(PrunedRank(ranks[k], least, gamma, began[k], ended[k]))
	}
	g.Check(t, "tail_end", ended)
	g.Check(t, "next_rank", next)
}

// regularised is the term of client 0, in float64 and as the trainer adds it.
func regularised(t *testing.T, g *linalgtest.Case, lambda, gamma float64, b, a linalg.Dense) {
	t.Helper()
	from := TailStart(a.Rows, gamma)
	g.Check(t, "loss", []float64{lambda * tailProduct(b, a, from)})
	for name, b := range map[string]linalg.Dense{"reg.": b, "reg.at_zero_B.": linalg.NewDense(b.Rows, b.Cols)} {
		db, da := tailGradient(b, a, from)
		g.Check(t, name+"grad_A0", da.Scaled(lambda).Data)
		g.Check(t, name+"grad_B0", db.Scaled(lambda).Data)
		if name != "reg." {
			continue
		}
		gradA, gradB := make([]float32, len(a.Data)), make([]float32, len(b.Data))
		value := pair32("0.q", b, a, 2).AddTailGradient(lambda, gamma, gradA, gradB)
		g.Check32(t, "loss", []float64{lambda * value})
		g.Check32(t, name+"grad_A0", linalg.Widen(a.Rows, a.Cols, gradA).Data)
		g.Check32(t, name+"grad_B0", linalg.Widen(b.Rows, b.Cols, gradB).Data)
	}
}
