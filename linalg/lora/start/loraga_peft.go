package start

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Direction is which triples of the gradient PEFT's port of LoRA-GA gives to which factor.
type Direction int

const (
	// ArB2r gives A the first r and B the next r, as the authors do.
	ArB2r Direction = iota
	// A2rBr is the other way round.
	A2rBr
	// ArBr gives A the odd ones and B the even ones, counted from 0.
	ArBr
)

// LoRAGAInPEFT is LoRA-GA as PEFT 0.21 has it, which is not the authors': the gradient's
// singular values stay in B, and only B is scaled (but for Descent). Rows is PEFT's
// weight.shape[0] for Stable: out, and on GPT-2's Conv1D in.
func LoRAGAInPEFT(w, g linalg.Dense, rank int, scale, gamma float64, size Size, direction Direction, rows int) (Start, error) {
	d, err := gradient(w, g, rank, scale, gamma, size)
	if err != nil {
		return Start{}, err
	}
	onA, onB, err := direction.triples(rank)
	if err != nil {
		return Start{}, err
	}
	za, zb := 1.0, 1.0
	switch size {
	case Stable:
		zb = math.Sqrt(math.Sqrt(float64(rows))) / math.Sqrt(gamma)
	case Descent:
		za, zb = 1/scale, 1/scale
	case Weight:
		own, err := factor.Decompose(w)
		if err != nil {
			return Start{}, err
		}
		if d.Sigma[onB[0]] == 0 {
			return Start{}, fmt.Errorf("start: the gradient has no triple %d to compare the weight's with: its rank is too small", onB[0])
		}
		zb = own.Sigma[0] / d.Sigma[onB[0]]
	}
	st := Start{B: linalg.NewDense(w.Rows, rank), A: linalg.NewDense(rank, w.Cols), Moved: true}
	for k := range rank {
		for i := range w.Rows {
			st.B.Row(i)[k] = d.U.At(i, onB[k]) * d.Sigma[onB[k]] * zb
		}
		for i := range w.Cols {
			st.A.Row(k)[i] = d.V.At(i, onA[k]) * za
		}
	}
	return st, nil
}

func (d Direction) triples(rank int) (onA, onB []int, err error) {
	switch d {
	case ArB2r:
		return from(0, rank), from(rank, rank), nil
	case A2rBr:
		return from(rank, rank), from(0, rank), nil
	case ArBr:
		for k := range rank {
			onA, onB = append(onA, 2*k+1), append(onB, 2*k)
		}
		return onA, onB, nil
	}
	return nil, nil, fmt.Errorf("start: direction %d of LoRA-GA, expected ArB2r, A2rBr or ArBr", d)
}
