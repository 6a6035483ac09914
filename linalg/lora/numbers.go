package lora

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// Numbers are all numbers of the factors in writing order, widened: what an optimiser of a
// server takes for a vector. Starts are not part of it.
func (f Factors) Numbers() []float64 {
	var x []float64
	for _, p := range f {
		for _, part := range [][]float32{p.A, p.B, p.D} {
			for _, v := range part {
				x = append(x, float64(v))
			}
		}
	}
	return x
}

// With has the shapes of the factors and other numbers, rounded once. It panics where there
// are not as many as [Factors.Numbers] gives.
func (f Factors) With(x []float64) Factors {
	take := func(old []float32) []float32 {
		if old == nil {
			return nil
		}
		if len(x) < len(old) {
			panic(fmt.Sprintf("lora: %d numbers are left for a factor of %d", len(x), len(old)))
		}
		out := linalg.Dense{Rows: 1, Cols: len(old), Data: x[:len(old)]}.Narrow()
		x = x[len(old):]
		return out
	}
	out := make(Factors, len(f))
	for i, p := range f {
		p.A, p.B, p.D = take(p.A), take(p.B), take(p.D)
		out[i] = p
	}
	if len(x) > 0 {
		panic(fmt.Sprintf("lora: %d numbers more than the factors hold", len(x)))
	}
	return out
}

// SameShape says why two sets of factors are not of the same modules, shapes and scales, or
// nothing where they are.
func (f Factors) SameShape(g Factors) error {
	if len(f) != len(g) {
		return fmt.Errorf("lora: factors of %d modules beside some of %d", len(f), len(g))
	}
	for i, p := range f {
		q := g[i]
		if p.Module != q.Module || len(p.A) != len(q.A) || len(p.B) != len(q.B) || len(p.D) != len(q.D) || p.Rank != q.Rank || p.Scale != q.Scale {
			return fmt.Errorf("lora: module %s at rank %d and scale %g beside module %s at rank %d and scale %g", p.Module, p.Rank, p.Scale, q.Module, q.Rank, q.Scale)
		}
	}
	return nil
}
