package lora

import (
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// Effective rank, stable rank and overlap of clients' updates, their weighted mean, and
// two matrices whose ranks are known.
func TestGoldenUpdateSpectra(t *testing.T) {
	one(t, "update_spectra", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			S     float64
			N     []float64
			Ranks []int
		}](t, g)
		b, a := factors(t, g, len(c.N))
		total := 0.0
		for _, n := range c.N {
			total += n
		}
		var sum linalg.ProductSum
		spectra := map[string]factor.SVD{}
		for k := range c.N {
			var own linalg.ProductSum
			own.Add(c.S, b[k], a[k])
			sum.Add(c.S*c.N[k]/total, b[k], a[k])
			spectra[fmt.Sprintf("client%d", k)] = decompose(t, own.Dense())
		}
		spectra["aggregate"] = decompose(t, sum.Dense())
		for _, name := range []string{"flat", "rank_one"} {
			spectra[name] = decompose(t, g.Get(t, name))
		}
		for name, d := range spectra {
			g.Check(t, name+".sigma", d.Sigma)
			g.Check(t, name+".effective_rank", []float64{factor.EffectiveRank(d.Sigma)})
			g.Check(t, name+".stable_rank", []float64{factor.StableRank(d.Sigma)})
		}
		for name := range g.Tensors {
			overlapCase(t, g, name, spectra, len(c.N))
		}
		g.Done(t)
	})
}

func decompose(t *testing.T, m linalg.Dense) factor.SVD {
	t.Helper()
	d, err := factor.Decompose(m)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func overlapCase(t *testing.T, g *linalgtest.Case, name string, spectra map[string]factor.SVD, clients int) {
	rest, is := strings.CutPrefix(name, "overlap.")
	if !is {
		return
	}
	var side string
	var k int
	if _, err := fmt.Sscanf(strings.Replace(rest, ".k", " ", 1), "%s %d", &side, &k); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var got []float64
	for x := range clients {
		for y := range clients {
			p, q := spectra[fmt.Sprintf("client%d", x)], spectra[fmt.Sprintf("client%d", y)]
			u, v := p.U, q.U
			if side == "right" {
				u, v = p.V, q.V
			}
			got = append(got, factor.Overlap(u, v, k))
		}
	}
	g.Check(t, name, got)
}

func TestSpectrumOfNothing(t *testing.T) {
	if e, s := factor.EffectiveRank([]float64{0, 0}), factor.StableRank([]float64{0, 0}); e != 0 || s != 0 {
		t.Errorf("effective %v, stable %v; want 0, which is left out of means", e, s)
	}
}
