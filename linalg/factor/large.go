package factor

import (
	"cmp"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// all keeps every triple.
func all(sigma []float64) int { return len(sigma) }

// large decomposes a large square matrix, which is used up, and keeps as many of its triples as
// keep says of the singular values: made bidiagonal by reflections ([bidiagonal]), which are
// then divided and conquered ([conquer]). Vectors are rows; those kept alone are brought back.
func large(a linalg.Dense, keep func(sigma []float64) int, workers int) (split, error) {
	left, right, d, e := bidiagonal(a, workers)
	top := 0.0
	for _, x := range slices.Concat(d, e) {
		top = max(top, math.Abs(x))
	}
	if top == 0 {
		k := keep(d)
		return split{sigma: d[:k:k], u: left.turned(unitRows(k)), v: right.turned(unitRows(k))}, nil
	}
	_, exponent := math.Frexp(top)
	for _, x := range [][]float64{d, e} {
		for i := range x {
			x[i] = math.Ldexp(x[i], -exponent)
		}
	}
	c, err := conquer(d, e, workers)
	if err != nil {
		return c, err
	}
	order := make([]int, len(c.sigma))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(c.sigma[j], c.sigma[i]) }) // largest first
	sigma := make([]float64, len(order))
	for i, at := range order {
		sigma[i] = math.Ldexp(c.sigma[at], exponent)
	}
	k := keep(sigma)
	out := split{sigma: sigma[:k:k], u: picked(c.u, order[:k]), v: picked(c.v, order[:k])}
	left.turn(out.u)
	right.turn(out.v)
	return out, nil
}

// unitRows are the first k unit vectors.
func unitRows(k int) linalg.Dense {
	m := linalg.NewDense(k, k)
	for i := range k {
		m.Row(i)[i] = 1
	}
	return m
}

// picked are some of the rows, in an order.
func picked(m linalg.Dense, rows []int) linalg.Dense {
	out := linalg.NewDense(len(rows), m.Cols)
	for i, at := range rows {
		copy(out.Row(i), m.Row(at))
	}
	return out
}
