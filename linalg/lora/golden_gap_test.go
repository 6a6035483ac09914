package lora

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// The one definition of aggregation error, for every rule of joining on the same clients.
func TestGoldenAggregationError(t *testing.T) {
	one(t, "aggregation_error", func(t *testing.T, g *linalgtest.Case) {
		c := linalgtest.Params[struct {
			S     float64
			N     []float64
			Ranks map[string][]int
		}](t, g)
		p := g.Get(t, "p").Data
		for arm, ranks := range c.Ranks {
			for _, when := range []string{"first", "later"} {
				prefix := arm + "." + when + "."
				for rule, join := range rules {
					if g.Has(prefix + rule) {
						errorOf(t, g, prefix, rule, c.S, p, ranks, join)
					}
				}
			}
		}
		g.Done(t)
	})
}

// errorOf measures one rule, in float64 by the sums that GapMeter is made of, and again
// with adapters.
func errorOf(t *testing.T, g *linalgtest.Case, prefix, rule string, s float64, p []float64, ranks []int, join joiner) {
	t.Helper()
	var gap, wanted changes
	var meter GapMeter
	for _, module := range []string{"Q", "V"} {
		at := prefix + module + "."
		r := round{s: s, p: p, ranks: ranks, bg: g.Get(t, at+"B_global"), ag: g.Get(t, at+"A_global")}
		for k := range p {
			r.b = append(r.b, g.Get(t, fmt.Sprintf("%sB%d", at, k)))
			r.a = append(r.a, g.Get(t, fmt.Sprintf("%sA%d", at, k)))
		}
		out := join(t, r)
		for _, x := range out.deployed {
			gap.sum(module).Add(s*x.weight, x.b, x.a)
			meter.Deployed(x.weight, Adapter{pair32(module, x.b, x.a, s)})
		}
		for _, x := range out.previous {
			gap.sum(module).Add(-s*x.weight, x.b, x.a)
			meter.Previous(x.weight, Adapter{pair32(module, x.b, x.a, s)})
		}
		for k, x := range out.made {
			gap.sum(module).Add(-s*p[k], x.b, x.a)
			wanted.sum(module).Add(s*p[k], x.b, x.a)
			meter.Made(p[k], Adapter{pair32(module, x.b, x.a, s)})
		}
		for k, x := range out.began {
			gap.sum(module).Add(s*p[k], x.b, x.a)
			wanted.sum(module).Add(-s*p[k], x.b, x.a)
			meter.Began(p[k], Adapter{pair32(module, x.b, x.a, s)})
		}
	}
	exact := Gap{linalg.Norm(gap.norms()), linalg.Norm(wanted.norms())}
	g.Check(t, prefix+rule, []float64{exact.Absolute, exact.Wanted, exact.Relative()})
	// Adapters are float32: their rounding is 1e-7 of the largest summand.
	if rough := meter.Gap(); math.Abs(rough.Absolute-exact.Absolute) > 1e-6*(1+exact.Wanted) || math.Abs(rough.Wanted-exact.Wanted) > 1e-6*(1+exact.Wanted) {
		t.Errorf("%s%s: %v with adapters, %v with float64 factors", prefix, rule, rough, exact)
	}
}
