package start

import (
	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// OLoRA begins from the QR factorisation of the weight: B is the leading columns of Q and A
// the leading rows of R, with a diagonal ≥ 0 (Büyükakyüz 2024). There is no 1/s in it, and the
// base gives up s·B·A all the same.
func OLoRA(w linalg.Dense, rank int, scale float64) (Start, error) {
	if err := fits(w, rank, scale); err != nil {
		return Start{}, err
	}
	q, r, err := factor.QR(w)
	if err != nil {
		return Start{}, err
	}
	st := Start{B: q.Columns(0, rank), A: r.T().Columns(0, rank).T(), Moved: true}
	for k := range rank {
		if r.At(k, k) >= 0 {
			continue
		}
		for i := range st.B.Rows {
			st.B.Row(i)[k] = -st.B.Row(i)[k]
		}
		for i := range st.A.Cols {
			st.A.Row(k)[i] = -st.A.Row(k)[i]
		}
	}
	return st, nil
}
