package start

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// MiCA begins with A = 0 and freezes B at the minor left singular vectors: what is learnt
// stays in the directions that the weight uses least (PEFT's "mica").
func MiCA(w linalg.Dense, rank int) (Start, error) {
	if err := fits(w, rank, 1); err != nil {
		return Start{}, err
	}
	d, err := factor.Decompose(w)
	if err != nil {
		return Start{}, err
	}
	q := len(d.Sigma)
	return Start{B: d.U.Columns(q-rank, q), A: linalg.NewDense(rank, w.Cols), FreezeB: true}, nil
}
