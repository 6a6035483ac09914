package stat

import "math"

// RankSum is the test of Mann and Whitney for two samples by its exact distribution, which
// supposes no ties (with them the statistic is rounded down). The statistic is U of x: the
// pairs in which x is the larger, ties half. NaN where a sample is empty.
func RankSum(x, y []float64, side Side) Result {
	if len(x) == 0 || len(y) == 0 || hasNaN(x) || hasNaN(y) {
		return nowhere
	}
	u, _ := rankU(x, y)
	if side == Greater {
		return Result{u, uTail(len(x), len(y), int(u))}
	}
	far := max(u, float64(len(x)*len(y))-u)
	return Result{u, min(1, 2*uTail(len(x), len(y), int(far)))}
}

// RankSumNormal is the same test by the normal approximation, its variance corrected for
// ties; continuity takes half a pair off the distance.
func RankSumNormal(x, y []float64, side Side, continuity bool) Result {
	if len(x) == 0 || len(y) == 0 || hasNaN(x) || hasNaN(y) {
		return nowhere
	}
	u, groups := rankU(x, y)
	nx, ny := float64(len(x)), float64(len(y))
	n := nx + ny
	sd := math.Sqrt(nx * ny / 12 * (n + 1 - tieCube(groups)/(n*(n-1))))
	distance := u - nx*ny/2
	if side == TwoSided {
		distance = math.Abs(distance)
	}
	if continuity {
		distance -= 0.5
	}
	p := normalTail(distance/sd, Greater)
	if side == TwoSided {
		p = min(1, 2*p)
	}
	return Result{u, p}
}

// HasTies says whether two samples together hold a value twice: then the exact
// distribution of [RankSum] is not theirs.
func HasTies(x, y []float64) bool {
	_, groups := ranks(append(append([]float64{}, x...), y...))
	return len(groups) < len(x)+len(y)
}

func rankU(x, y []float64) (u float64, groups []int) {
	rank, groups := ranks(append(append([]float64{}, x...), y...))
	for i := range x {
		u += rank[i]
	}
	n := float64(len(x))
	return u - float64(n*(n+1))/2, groups
}

// uTail is P(U ≥ u) over all orders of n and m values. The share of orders with each U is
// built up value by value (Mann and Whitney 1947): the largest value of all is one of the
// n with probability n/(n+m), and is then above all m others.
func uTail(n, m, u int) float64 {
	row := make([][]float64, m+1) // row[j][k]: of i and j values, P(U = k)
	for j := range row {
		row[j] = make([]float64, n*m+1)
		row[j][0] = 1
	}
	for i := 1; i <= n; i++ {
		next := make([][]float64, m+1)
		for j := range next {
			next[j] = make([]float64, n*m+1)
			if j == 0 {
				next[j][0] = 1
				continue
			}
			largest := float64(i) / float64(i+j)
			for k := range i*j + 1 {
				if k >= j {
					next[j][k] += float64(largest * row[j][k-j])
				}
				next[j][k] += float64((1 - largest) * next[j-1][k])
			}
		}
		row = next
	}
	p := 0.0
	for k := n * m; k >= max(u, 0); k-- {
		p += row[m][k]
	}
	return p
}
