package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Prototypes are the leading right singular vectors of B·A, module by module: the input that
// an adapter answers most strongly, by which Arrow scores it (Ostapenko et al. 2024, section
// 4.2). Their signs mean nothing, as scores are magnitudes.
func (a Adapter) Prototypes() (Keys, error) {
	var out Keys
	for _, p := range a {
		if p.Dense() || p.Started() {
			return nil, fmt.Errorf("lora: module %s has no plain pair of factors: expected one to take the leading direction of", p.Module)
		}
		top, err := factor.ProductTop(linalg.Widen(p.Out, p.Rank, p.B), linalg.Widen(p.Rank, p.In, p.A), 1)
		if err != nil {
			return nil, fmt.Errorf("lora: module %s: %w", p.Module, err)
		}
		v := make([]float32, p.In)
		for i := range v {
			v[i] = float32(top.V.At(i, 0))
		}
		out = append(out, Key{p.Module, v})
	}
	return out, nil
}
