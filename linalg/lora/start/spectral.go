package start

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Spectral begins from singular triples of the weight, the index counting from 0 at the
// largest: B = U·√(σ/s), A = √(σ/s)·Vᵀ. So s·B·A is those triples, and the base gives them up.
// d is the decomposition of the weight; it must reach as far as the index does.
func Spectral(d factor.SVD, index []int, scale float64) (Start, error) {
	if !(scale > 0) || scale > 1e300 {
		return Start{}, fmt.Errorf("start: scale %v, expected a finite number above 0: its root is in both factors", scale)
	}
	st := Start{B: linalg.NewDense(d.U.Rows, len(index)), A: linalg.NewDense(len(index), d.V.Rows), Moved: true}
	for k, i := range index {
		if i < 0 || i >= len(d.Sigma) {
			return Start{}, fmt.Errorf("start: singular triple %d of %d", i, len(d.Sigma))
		}
		root := math.Sqrt(d.Sigma[i] / scale)
		for j := range st.B.Rows {
			st.B.Row(j)[k] = d.U.At(j, i) * root
		}
		for j := range st.A.Cols {
			st.A.Row(k)[j] = d.V.At(j, i) * root
		}
	}
	return st, nil
}

// ofWeight decomposes w and begins from the triples that are chosen.
func ofWeight(w linalg.Dense, rank int, scale float64, choose Choice) (Start, error) {
	if err := fits(w, rank, scale); err != nil {
		return Start{}, err
	}
	d, err := factor.Decompose(w)
	if err != nil {
		return Start{}, err
	}
	return Spectral(d, choose(len(d.Sigma), rank), scale)
}
