package lora

import (
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/linalgtest"
)

// Singular values and truncations of B·A against 60-digit arithmetic: repeated, deficient,
// badly conditioned, tiny, huge.
func TestGoldenProductSVD(t *testing.T) {
	all := func(string) bool { return true }
	linalgtest.Cases(t, "lora/svd", all, func(t *testing.T, g *linalgtest.Case) {
		d, err := factor.ProductSVD(g.Get(t, "B"), g.Get(t, "A"))
		if err != nil {
			t.Fatal(err)
		}
		g.Check(t, "sigma", d.Sigma)
		for name := range g.Tensors {
			cut, what, ok := strings.Cut(name, ".")
			if !ok {
				continue
			}
			k, err := strconv.Atoi(strings.TrimPrefix(cut, "cut"))
			if err != nil {
				t.Fatal(err)
			}
			switch what {
			case "product":
				g.Check(t, name, d.Top(k).Product().Data)
			case "error":
				g.Check(t, name, []float64{d.Tail(k)})
			}
		}
		g.Done(t)
	})
}
