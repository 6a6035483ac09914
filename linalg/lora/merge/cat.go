package merge

import "github.com/loramesh/loramesh/linalg"

// cat concatenates along the rank, w·s on A alone: exactly the weighted sum of the changes,
// whatever the ranks. Every module gets the sum of the parts' ranks; where some part lacks
// it, the last rows of A and columns of B are 0.
func cat(m module) (joined, error) {
	j := joined{b: linalg.NewDense(m.out, m.sum), a: linalg.NewDense(m.sum, m.in)}
	at := 0
	for _, t := range m.terms {
		for i := range m.out {
			copy(j.b.Row(i)[at:], t.b.Row(i))
		}
		copy(j.a.Data[at*m.in:], t.a.Scaled(t.weight*t.scale).Data)
		at += t.a.Rows
	}
	return j, nil
}
