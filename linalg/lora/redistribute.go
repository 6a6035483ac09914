package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/rng"
)

// nearBest is how far the error of a cut may be above the smallest possible, as a share of
// it, where the sum is large enough for an iteration to pay.
const nearBest = 1e-6

// Top is the sum at a rank of at most so many: the best approximation of that rank, module by
// module, as B = U·S and A = Vᵀ with singular values descending. Leading rows of it are
// the best approximations of every smaller rank, which is how FlexLoRA hands one sum out to
// clients of unequal ranks (Bai et al. 2024, §3). It panics on an empty stack, and on a rank below 1.
//
// Where the stack's factors are long and the rank is a small part of theirs, the cut comes
// from [factor.NearTop], whose error is within 1e-6 of the smallest; else it is exact. It uses
// the stack up.
func (s *Stack) Top(rank, workers int) (Adapter, error) {
	if rank < 1 {
		panic(fmt.Sprintf("lora: the top %d of a stack", rank))
	}
	return s.cut(func(sum *linalg.ProductSum, out, in int) (factor.SVD, error) {
		return topOf(sum, min(rank, MaxRank(out, in)), workers)
	})
}

// Energy is the sum at the smallest rank, module by module, that keeps a share tau of
// its energy Σσ²: FLoRIST's server (Ramesh et al. 2025). The singular values are those of
// the whole sum, found from its factors. Nothing is left of a module whose sum is 0 but one
// row of noughts.
//
// The workers share the work out and do not change a bit. It uses the stack up.
func (s *Stack) Energy(tau float64, workers int) (Adapter, error) {
	return s.cut(func(sum *linalg.ProductSum, _, _ int) (factor.SVD, error) {
		return keptOf(sum, func(sigma []float64) int { return energyRank(sigma, tau) }, workers)
	})
}

// cut takes each module's sum apart by how, and rounds the factors to float32 once.
func (s *Stack) cut(how func(sum *linalg.ProductSum, out, in int) (factor.SVD, error)) (Adapter, error) {
	if len(s.modules) == 0 {
		panic("lora: the stack of no adapters")
	}
	var out Adapter
	for _, m := range s.modules {
		p := m.shape
		d, err := how(&m.sum, p.Out, p.In)
		if err != nil {
			return nil, fmt.Errorf("lora: module %s: %w", p.Module, err)
		}
		b, a := factorsOf(d)
		p.Rank, p.A, p.B = len(d.Sigma), a.Narrow(), b.Narrow()
		out = append(out, p)
	}
	return out, nil
}

// topOf are the leading singular triples of a sum.
func topOf(sum *linalg.ProductSum, rank, workers int) (factor.SVD, error) {
	b, a, ok := sum.TakeFactors()
	if !ok {
		d, err := factor.Decompose(sum.Dense())
		return d.Top(rank), err
	}
	return factor.NearTop(b, a, rank, nearBest, rng.New(0).At("redistribute"), workers)
}

// keptOf are as many singular triples of a sum as keep says of all values.
func keptOf(sum *linalg.ProductSum, keep func(sigma []float64) int, workers int) (factor.SVD, error) {
	b, a, ok := sum.TakeFactors()
	if !ok {
		d, err := factor.Decompose(sum.Dense())
		return d.Top(keep(d.Sigma)), err
	}
	return factor.ProductCut(b, a, keep, workers)
}

// factorsOf puts the singular values into B.
func factorsOf(d factor.SVD) (b, a linalg.Dense) {
	b = linalg.NewDense(d.U.Rows, d.U.Cols)
	for i := range b.Rows {
		for j, x := range d.U.Row(i) {
			b.Row(i)[j] = x * d.Sigma[j]
		}
	}
	return b, d.V.T()
}

// energyRank is the smallest rank, of at least 1, whose leading values have a share tau of
// Σσ².
func energyRank(sigma []float64, tau float64) int {
	var all, sum float64
	for _, s := range sigma {
		all += float64(s * s)
	}
	for k, s := range sigma {
		sum += float64(s * s)
		if sum >= tau*all {
			return k + 1
		}
	}
	return max(1, len(sigma))
}
