package start

import (
	"errors"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// CorDA begins from the triples of W·C, C being the second moment of the layer's inputs, so
// that directions count as much as inputs use them (Yang et al. 2024): SVD(WC) = USVᵀ,
// A = √(S/s)·Vᵀ·C⁻¹, B = U·√(S/s). [Largest] is its instruction-previewed mode ("ipm"),
// [Smallest] the knowledge-preserved one ("kpm"). See [Second] for C, and [Damped] for what
// is inverted.
func CorDA(w, c linalg.Dense, rank int, scale float64, choose Choice) (Start, error) {
	if err := fits(w, rank, scale); err != nil {
		return Start{}, err
	}
	if c.Rows != w.Cols || c.Cols != w.Cols {
		return Start{}, fmt.Errorf("start: a moment of %d×%d for a weight of %d×%d, expected %d×%d", c.Rows, c.Cols, w.Rows, w.Cols, w.Cols, w.Cols)
	}
	c, inverse, err := Damped(c)
	if err != nil {
		return Start{}, err
	}
	d, err := factor.Decompose(linalg.Mul(w, c))
	if err != nil {
		return Start{}, err
	}
	st, err := Spectral(d, choose(len(d.Sigma), rank), scale)
	if err != nil {
		return Start{}, err
	}
	st.A = linalg.Mul(st.A, inverse)
	return st, nil
}

// Damped adds to the diagonal of a moment 0.01 times the diagonal's mean, or that doubled
// until C·C⁻¹ is within 0.05 of 1, and gives the inverse too. The mean scales with C, so the
// unit of the inputs does not matter.
func Damped(c linalg.Dense) (damped, inverse linalg.Dense, err error) {
	var trace float64
	for i := range c.Rows {
		trace += c.At(i, i)
	}
	mean := trace / float64(c.Rows)
	if !(mean > 0) || math.IsInf(mean, 1) {
		return damped, inverse, fmt.Errorf("start: the inputs' second moment has trace %v, expected a finite number above 0: were there any inputs?", trace)
	}
	for share := 0.01; share < 100; share *= 2 {
		damped = c.Scaled(1)
		for i := range c.Rows {
			damped.Data[i*c.Cols+i] += float64(share * mean)
		}
		inverse, err = factor.Inverse(damped)
		if errors.Is(err, factor.ErrSingular) {
			continue
		}
		if err != nil {
			return damped, inverse, err
		}
		off := linalg.Mul(damped, inverse)
		for i := range off.Rows {
			off.Data[i*off.Cols+i]--
		}
		if linalg.Norm(off.Data) < 0.05 {
			return damped, inverse, nil
		}
	}
	return damped, inverse, fmt.Errorf("start: the inputs' second moment cannot be inverted even with 100 times its mean on the diagonal")
}
