package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Correction moves the B̄ of a mean so that B̄'Ā comes near the mean of the changes, A
// staying as it is: LoRA-FAIR's server (Bian et al. 2024, §4), in the closed form of its
// least squares,
//
//	ΔB = E·Āᵀ(ĀĀᵀ + λ·1)⁻¹,  E = Σ p_k·B_kA_k − B̄Ā,
//
// which minimises ‖(B̄+ΔB)Ā − Σ p_k·B_kA_k‖² + λ‖ΔB‖². Products are taken in the small
// dimension, so that neither E nor a weight is ever formed. Make one with [NewCorrection];
// the weights sum to 1.
type Correction struct {
	mean Adapter
	eat  []linalg.Dense // E·Āᵀ, out×rank
}

// NewCorrection begins with a mean, whose clients are to be added.
func NewCorrection(mean Adapter) *Correction {
	c := &Correction{mean: mean}
	for _, m := range mean {
		a := linalg.Widen(m.Rank, m.In, m.A)
		c.eat = append(c.eat, linalg.Mul(linalg.Widen(m.Out, m.Rank, m.B), linalg.Mul(a, a.T())).Scaled(-1))
	}
	return c
}

// Add takes a client's adapter in.
func (c *Correction) Add(weight float64, a Adapter) error {
	for i, m := range c.mean {
		p, ok := a.Pair(m.Module)
		if !ok || p.Dense() || p.Out != m.Out || p.In != m.In || p.Scale != m.Scale {
			return fmt.Errorf("lora: module %s is not as in the mean that is to be corrected", m.Module)
		}
		cross := linalg.Mul(linalg.Widen(p.Rank, p.In, p.A), linalg.Widen(m.Rank, m.In, m.A).T())
		c.eat[i].Add(weight, linalg.Mul(linalg.Widen(p.Out, p.Rank, p.B), cross))
	}
	return nil
}

// Adapter is the mean with its B corrected. With lambda 0 the rows of Ā must be
// independent.
func (c *Correction) Adapter(lambda float64) (Adapter, error) {
	out := make(Adapter, len(c.mean))
	for i, m := range c.mean {
		db, err := shift(c.eat[i], linalg.Widen(m.Rank, m.In, m.A), lambda)
		if err != nil {
			return nil, fmt.Errorf("lora: module %s: ĀĀᵀ + %g·1 cannot be inverted: rows of the mean A depend on each other; raise λ (%w)", m.Module, lambda, err)
		}
		db.Add(1, linalg.Widen(m.Out, m.Rank, m.B))
		m.B = db.Narrow()
		out[i] = m
	}
	return out, nil
}

// shift is ΔB from E·Āᵀ.
func shift(eat, a linalg.Dense, lambda float64) (linalg.Dense, error) {
	gram := linalg.Mul(a, a.T())
	for i := range gram.Rows {
		gram.Row(i)[i] += lambda
	}
	inverse, err := factor.Inverse(gram)
	if err != nil {
		return linalg.Dense{}, err
	}
	return linalg.Mul(eat, inverse), nil
}
