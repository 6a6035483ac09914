package lora

import (
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

// Singular values and truncations of B·A against 60-digit arithmetic: repeated, deficient,
// badly conditioned, tiny, huge.
func TestGoldenProductSVD(t *testing.T) {
	all := func(string) bool { return true }
	goldenCases(t, "lora/svd", all, func(t *testing.T, g *golden) {
		d, err := linalg.ProductSVD(g.get(t, "B"), g.get(t, "A"))
		if err != nil {
			t.Fatal(err)
		}
		g.check(t, "sigma", d.Sigma)
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
				g.check(t, name, d.Top(k).Product().Data)
			case "error":
				g.check(t, name, []float64{d.Tail(k)})
			}
		}
		g.done(t)
	})
}
