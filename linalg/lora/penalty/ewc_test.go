package penalty_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora/penalty"
)

// slopes are the gradients of −ln p(label) of one example: dA = s·Bᵀg·xᵀ, dB = s·g·(Ax)ᵀ
// with g the probabilities without the label's 1; p is the label's probability.
func slopes(x, w, a, b linalg.Dense, s float64, label int) (da, db []float64, p float64) {
	ax := linalg.Mul(a, x.T())
	logits, low := linalg.Mul(w, x.T()), linalg.Mul(b, ax)
	var sum float64
	g := make([]float64, logits.Rows)
	for i := range g {
		g[i] = math.Exp(logits.Data[i] + s*low.Data[i])
		sum += g[i]
	}
	for i := range g {
		g[i] /= sum
	}
	p = g[label]
	g[label]--
	column := linalg.Dense{Rows: len(g), Cols: 1, Data: g}
	return linalg.Mul(linalg.Mul(b.T(), column), x).Scaled(s).Data, linalg.Mul(column, ax.T()).Scaled(s).Data, p
}

// The readings of the Fisher information that a case has, and EWC's pull by the online one.
func TestGoldenEWC(t *testing.T) {
	one(t, "ewc", func(t *testing.T, g *linalgtest.Case) {
		q := linalgtest.Params[struct{ S, Gamma, Lam float64 }](t, g)
		x, w, a, b, y := g.Get(t, "X"), g.Get(t, "W"), g.Get(t, "A"), g.Get(t, "B"), g.Get(t, "y")
		readings := map[string][2][]float64{}
		for _, name := range []string{"empirical", "label_prob", "expected", "batch_mean"} {
			readings[name] = [2][]float64{make([]float64, len(a.Data)), make([]float64, len(b.Data))}
		}
		n := float64(x.Rows)
		add := func(name string, weight float64, da, db []float64, square bool) {
			for f, d := range [][]float64{da, db} {
				for i, v := range d {
					if square {
						v *= v
					}
					readings[name][f][i] += weight * v / n
				}
			}
		}
		for i := range x.Rows {
			row := linalg.Dense{Rows: 1, Cols: x.Cols, Data: x.Row(i)}
			da, db, p := slopes(row, w, a, b, q.S, int(y.Data[i]))
			add("empirical", 1, da, db, true)
			add("label_prob", p, da, db, true)
			add("batch_mean", 1, da, db, false)
			for label := range w.Rows {
				da, db, p := slopes(row, w, a, b, q.S, label)
				add("expected", p, da, db, true)
			}
		}
		for _, f := range []int{0, 1} {
			for i, v := range readings["batch_mean"][f] {
				readings["batch_mean"][f][i] = v * v
			}
			for name, r := range readings {
				g.Check(t, name+"."+"AB"[f:f+1], r[f])
			}
		}
		value := 0.0
		for f, star := range []linalg.Dense{a, b} {
			factor := "AB"[f : f+1]
			online := g.Get(t, "F_old."+factor).Scaled(q.Gamma)
			for i, v := range readings["empirical"][f] {
				online.Data[i] += v
			}
			g.Check(t, "F_online."+factor, online.Data)
			grad := make([]float32, len(star.Data))
			value += penalty.Elastic(q.Lam, g.Get(t, "theta."+factor).Narrow(), star.Narrow(), online.Narrow(), grad)
			g.Check32(t, "penalty.grad_"+factor, wide(grad))
		}
		g.Check32(t, "penalty", []float64{q.Lam * value})
	})
}
