package start

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
)

// Size is how LoRA-GA makes its factors as large as they have to be.
type Size int

const (
	// Stable multiplies by out^¼/√γ, so that the output's variance does not depend on width.
	Stable Size = iota
	// Descent divides by s: "gd", and PEFT's "gd_scale".
	Descent
	// Unit leaves them as they are.
	Unit
	// Weight takes the size of the weight's own triples: "weightS", and PEFT's "weight_svd".
	Weight
)

// LoRAGA begins where the first step of LoRA goes the way of full training: A from the
// leading right singular vectors of the gradient g = dL/dW, B from the left vectors after
// those ("ArB2r" of the authors' release; Wang et al. 2024). Both factors have unit vectors
// times one number, which size says; gamma is that of Stable, 16 by the paper.
func LoRAGA(w, g linalg.Dense, rank int, scale, gamma float64, size Size) (Start, error) {
	d, err := gradient(w, g, rank, scale, gamma, size)
	if err != nil {
		return Start{}, err
	}
	z := 1.0
	switch size {
	case Stable:
		z = math.Sqrt(math.Sqrt(float64(w.Rows))) / math.Sqrt(gamma)
	case Descent:
		z = 1 / scale
	case Weight:
		own, err := factor.Decompose(w)
		if err != nil {
			return Start{}, err
		}
		z = 0
		for _, s := range own.Sigma[:rank] {
			z += math.Sqrt(s/scale) / float64(rank)
		}
	}
	return Start{B: d.U.Columns(rank, 2*rank).Scaled(z), A: d.V.Columns(0, rank).T().Scaled(z), Moved: true}, nil
}

// gradient decomposes g and checks what goes with it.
func gradient(w, g linalg.Dense, rank int, scale, gamma float64, size Size) (factor.SVD, error) {
	if err := fits(w, rank, scale); err != nil {
		return factor.SVD{}, err
	}
	switch {
	case g.Rows != w.Rows || g.Cols != w.Cols:
		return factor.SVD{}, fmt.Errorf("start: a gradient of %d×%d for a weight of %d×%d", g.Rows, g.Cols, w.Rows, w.Cols)
	case 2*rank > min(g.Rows, g.Cols):
		return factor.SVD{}, fmt.Errorf("start: LoRA-GA takes 2×rank = %d triples of a gradient that has %d: lower the rank", 2*rank, min(g.Rows, g.Cols))
	case size == Stable && !(gamma > 0):
		return factor.SVD{}, fmt.Errorf("start: gamma %v, expected above 0", gamma)
	}
	return factor.Decompose(g)
}
