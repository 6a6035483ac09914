package merge

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// svd cuts the weighted sum of the changes to a rank: the nearest matrix of that rank. The
// sum is never formed; its factors are.
func svd(m module) (joined, error) {
	sum := linalg.ProductSum{KeepFactors: true}
	for _, t := range m.terms {
		sum.Add(t.weight*t.scale, t.b, t.a)
	}
	b, a, _ := sum.Factors()
	d, err := factor.ProductTop(b, a, m.rank)
	if err != nil {
		return joined{}, err
	}
	return m.cut(d), nil
}
