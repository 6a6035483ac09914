package lora

import (
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// product is a summand of a change: weight·b·a, without the common scale.
type product struct {
	weight float64
	b, a   linalg.Dense
}

// round is what a server has before it and what its clients return, for one module.
type round struct {
	s      float64
	p      []float64
	ranks  []int
	bg, ag linalg.Dense
	b, a   []linalg.Dense
}

// outcome is what a rule of joining makes of it.
type outcome struct{ deployed, previous, made, began []product }

type joiner func(*testing.T, round) outcome

// rules are the ways of joining that the vectors know.
var rules = map[string]joiner{
	"fedit":                fedit,
	"zeropad":              func(_ *testing.T, r round) outcome { return r.padded(r.p) },
	"hetlora":              hetlora,
	"flexlora":             flexlora,
	"flora":                flora,
	"fedex":                fedex,
	"ffa":                  ffa,
	"control.client0_only": firstOnly,
}

// usual fills in what most rules share: a global adapter before, its leading rows with
// each client.
func (r round) usual(deployed ...product) outcome {
	out := outcome{deployed: deployed, previous: []product{{1, r.bg, r.ag}}}
	for k := range r.p {
		rank := r.a[k].Rows
		out.made = append(out.made, product{1, r.b[k], r.a[k]})
		out.began = append(out.began, product{1, r.bg.Columns(0, rank), r.ag.T().Columns(0, rank).T()})
	}
	return out
}

func (r round) padded(weights []float64) outcome {
	b, a := linalg.NewDense(r.bg.Rows, r.bg.Cols), linalg.NewDense(r.ag.Rows, r.ag.Cols)
	for k, w := range weights {
		for i := range r.a[k].Rows {
			for j := range a.Cols {
				a.Row(i)[j] += w * r.a[k].At(i, j)
			}
		}
		for i := range b.Rows {
			for j := range r.b[k].Cols {
				b.Row(i)[j] += w * r.b[k].At(i, j)
			}
		}
	}
	return r.usual(product{1, b, a})
}

func fedit(_ *testing.T, r round) outcome {
	return r.usual(product{1, weighted(r.p, r.b), weighted(r.p, r.a)})
}

func hetlora(_ *testing.T, r round) outcome {
	var norms []float64
	for k := range r.p {
		norms = append(norms, linalg.Norm(linalg.Mul(r.b[k], r.a[k]).Data))
	}
	sum := linalg.Sum(norms)
	for k := range norms {
		norms[k] /= sum
	}
	return r.padded(norms)
}

func flexlora(t *testing.T, r round) outcome {
	var sum linalg.ProductSum
	for k := range r.p {
		sum.Add(r.p[k], r.b[k], r.a[k])
	}
	joined, err := factor.Decompose(sum.Dense())
	if err != nil {
		t.Fatal(err)
	}
	before, err := factor.ProductSVD(r.bg, r.ag)
	if err != nil {
		t.Fatal(err)
	}
	best := func(d factor.SVD, k int) product { return product{1, d.Top(k).Product(), identity64(r.ag.Cols)} }
	out := r.usual(best(joined, r.ag.Rows))
	for k := range r.p {
		out.began[k] = best(before, r.ranks[k])
	}
	return out
}

func identity64(n int) linalg.Dense { return linalg.Widen(n, n, identity(n)) }

func flora(_ *testing.T, r round) (out outcome) {
	for k := range r.p {
		out.deployed = append(out.deployed, product{r.p[k], r.b[k], r.a[k]})
		out.made = append(out.made, product{1, r.b[k], r.a[k]})
	}
	return out
}

func fedex(t *testing.T, r round) outcome {
	out := fedit(t, r)
	mean := out.deployed[0]
	for k := range r.p {
		out.deployed = append(out.deployed, product{r.p[k], r.b[k], r.a[k]})
	}
	out.deployed = append(out.deployed, product{-1, mean.b, mean.a})
	return out
}

func ffa(_ *testing.T, r round) outcome {
	for k := range r.a {
		r.a[k] = r.ag
	}
	return r.usual(product{1, weighted(r.p, r.b), r.ag})
}

func firstOnly(_ *testing.T, r round) outcome {
	return r.usual(product{r.p[0] * r.p[0], r.b[0], r.a[0]})
}
