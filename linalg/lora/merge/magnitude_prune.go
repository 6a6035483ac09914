package merge

import (
	"cmp"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

func magnitudePrune(m module) (joined, error)    { return m.factors(joiner(add).after(largest)) }
func magnitudePruneSVD(m module) (joined, error) { return m.products(joiner(add).after(largest)) }

// largest keeps the int(density·n) entries of largest magnitude and zeroes the rest, without
// making up for them. The count is truncated in float64: 0.29·100 keeps 28. Of equal
// entries, the first stay.
func largest(m module, _, _ string, x linalg.Dense) linalg.Dense {
	order := make([]int, len(x.Data))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(math.Abs(x.Data[j]), math.Abs(x.Data[i])) })
	left := linalg.NewDense(x.Rows, x.Cols)
	for _, i := range order[:int(m.Density*float64(len(order)))] {
		left.Data[i] = x.Data[i]
	}
	return left
}
