package merge

import "github.com/loramesh/loramesh/linalg"

// Sign is how TIES elects the sign of an entry.
type Sign int

const (
	// Total takes the sign of the sum of the entries.
	Total Sign = iota
	// Frequency takes the sign that more entries have.
	Frequency
)

// ties keeps each part's largest entries and lets them vote (Yadav et al. 2023).
func ties(m module) (joined, error)    { return m.factors(joiner(elect).after(largest)) }
func tiesSVD(m module) (joined, error) { return m.products(joiner(elect).after(largest)) }

// elect is, entry by entry, the mean of those with the elected sign, each times its weight,
// over their number (not over the sum of their weights). The vote is on the entries without
// their weights, so that a negative weight does not vote against itself; where they balance,
// + is elected. Dropped entries have no sign and never count.
func elect(m module, _ string, xs []linalg.Dense, weights []float64) linalg.Dense {
	out := linalg.NewDense(xs[0].Rows, xs[0].Cols)
	for i := range out.Data {
		elected := m.vote(xs, i)
		var sum, count float64
		for k, x := range xs {
			if sign(x.Data[i]) == elected {
				sum += float64(weights[k] * x.Data[i])
				count++
			}
		}
		out.Data[i] = sum / max(count, 1)
	}
	return out
}

// vote is the sign that is elected for entry i.
func (m module) vote(xs []linalg.Dense, i int) float64 {
	var mass float64
	for _, x := range xs {
		if m.Sign == Frequency {
			mass += sign(x.Data[i])
		} else {
			mass += x.Data[i]
		}
	}
	if mass < 0 {
		return -1
	}
	return 1
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
