package start

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/lora"
)

// server is FLoRA's: what clients of unequal ranks and scales made of starts that moved the
// base is added to it, W + Σ p_k·s_k(B_kA_k − B0_kA0_k), in float64 and as a stack of
// adapters.
type server struct {
	sum   linalg.ProductSum
	stack lora.Stack
}

func newServer() *server {
	return &server{sum: linalg.ProductSum{KeepFactors: true}, stack: lora.Stack{Scale: 1}}
}

func (s *server) add(t *testing.T, p, scale float64, b, a linalg.Dense, st Start) {
	t.Helper()
	s.sum.Add(p*scale, b, a)
	s.sum.Add(p*scale, st.B.Scaled(-1), st.A)
	pair := st.Pair(lora.Module{Name: "0.q", Out: b.Rows, In: a.Cols}, scale)
	pair.A, pair.B = a.Narrow(), b.Narrow()
	if err := s.stack.AddAdapter(p, lora.Adapter{pair}); err != nil {
		t.Fatal(err)
	}
}

// next is the base after the round.
func (s *server) next(t *testing.T, w linalg.Dense) linalg.Dense {
	t.Helper()
	out := w.Scaled(1)
	change := s.sum.Dense()
	out.Add(1, change)
	off := s.stack.Adapter()[0].Delta()
	off.Add(-1, change)
	if e := linalg.Norm(off.Data) / linalg.Norm(change.Data); e > 1e-5 {
		t.Errorf("as a stack in float32 the change is %.2g away", e)
	}
	return out
}

// FLoRA with a start from the spectrum: clients decompose the base as it is now, each at its
// own rank, for two rounds and in every arm.
func TestGoldenFLoRARounds(t *testing.T) {
	linalgtest.Cases(t, "lora/fed", func(n string) bool { return n == "flora_svd_rounds" }, func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			Ranks []int
			S     []float64
		}](t, g)
		p := g.Get(t, "p").Data
		for _, module := range layers(g) {
			for _, arm := range []string{"principal", "minor", "middle", "random", "norm_matched"} {
				w := g.Get(t, module+".W")
				if choice, cut := map[string]Choice{"principal": Largest, "minor": Smallest}[arm]; cut {
					g.Check(t, "control."+module+"."+arm+".truncated", truncated(t, w, c.Ranks, choice))
				}
				for r := 1; g.Has(fmt.Sprintf("%s.%s.W%d", module, arm, r)); r++ {
					s := newServer()
					for k, rank := range c.Ranks {
						at := fmt.Sprintf("%s.%s.round%d.", module, arm, r)
						st, err := begin(t, g, module, arm, fmt.Sprintf("%sindex%d", at, k), w, rank, c.S[k])
						if err != nil {
							t.Fatal(err)
						}
						g.Check(t, fmt.Sprintf("%sA0_%d", at, k), st.A.Data)
						g.Check(t, fmt.Sprintf("%sB0_%d", at, k), st.B.Data)
						s.add(t, p[k], c.S[k], g.Get(t, fmt.Sprintf("%sB%d", at, k)), g.Get(t, fmt.Sprintf("%sA%d", at, k)), st)
					}
					w = s.next(t, w)
					g.Check(t, fmt.Sprintf("%s.%s.W%d", module, arm, r), w.Data)
				}
			}
		}
		g.Done(t)
	})
}

// begin is the start of one client.
func begin(t *testing.T, g *linalgtest.Case, module, arm, index string, w linalg.Dense, rank int, scale float64) (Start, error) {
	t.Helper()
	switch arm {
	case "random":
		var triples []int
		for _, i := range g.Get(t, index).Data {
			triples = append(triples, int(i))
		}
		d, err := factor.Decompose(w)
		if err != nil {
			return Start{}, err
		}
		return Spectral(d, triples, scale)
	case "norm_matched":
		choice := Largest
		if strings.HasPrefix(module, "V") {
			choice = Smallest
		}
		p, r := g.Get(t, module+".norm_matched.P"), g.Get(t, module+".norm_matched.R")
		return NormMatched(w, p.Columns(0, rank), r.Columns(0, rank), scale, choice)
	}
	return Chosen(w, rank, scale, map[string]Choice{"principal": Largest, "minor": Smallest, "middle": Middle}[arm])
}

// truncated is how far a start of the largest rank, cut to leading rows, is from the right
// one, client by client.
func truncated(t *testing.T, w linalg.Dense, ranks []int, choose Choice) []float64 {
	t.Helper()
	d, err := factor.Decompose(w)
	if err != nil {
		t.Fatal(err)
	}
	product := func(index []int) linalg.Dense {
		st, err := Spectral(d, index, 1)
		if err != nil {
			t.Fatal(err)
		}
		return linalg.Mul(st.B, st.A)
	}
	var out []float64
	for _, r := range ranks {
		off := product(choose(len(d.Sigma), slices.Max(ranks))[:r])
		off.Add(-1, product(choose(len(d.Sigma), r)))
		out = append(out, linalg.Norm(off.Data))
	}
	return out
}

// A common start: the base gives it up once, and the server must not count it twice.
func TestGoldenFLoRAWithStart(t *testing.T) {
	linalgtest.Cases(t, "lora/fed", func(n string) bool { return n == "flora_with_svd_init" }, func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			S float64
			N []float64
		}](t, g)
		p, w := g.Get(t, "p").Data, g.Get(t, "W")
		st := Start{B: g.Get(t, "B_init"), A: g.Get(t, "A_init"), Moved: true}
		s, made := newServer(), linalg.ProductSum{KeepFactors: true}
		for k := range c.N {
			b, a := g.Get(t, fmt.Sprintf("B%d", k)), g.Get(t, fmt.Sprintf("A%d", k))
			s.add(t, p[k], c.S, b, a, st)
			made.Add(p[k]*c.S, b, a)
		}
		g.Check(t, "W_res", st.Residual(w, c.S).Data)
		g.Check(t, "delta_on_W", s.sum.Dense().Data)
		g.Check(t, "W_next", s.next(t, w).Data)
		twice := w.Scaled(1)
		twice.Add(1, made.Dense())
		g.Check(t, "control.double", twice.Data)
		g.Done(t)
	})
}
