package start

import (
	"math"

	"github.com/loramesh/loramesh/linalg"
)

// Step is what one step of plain gradient descent at rate η does to s·B·A, when g = dL/dW:
// first + second, of which first is the part linear in η,
//
//	first = −η·s²·(G·AᵀA + B·Bᵀ·G),  second = η²·s³·G·AᵀBᵀ·G.
//
// So a start multiplies the gradient on both sides: a principal one by up to its largest
// singular values, a minor one by its smallest, LoRA's on one side only.
type Step struct{ First, Second linalg.Dense }

// FirstStep is the step from a start.
func FirstStep(st Start, g linalg.Dense, scale, rate float64) Step {
	first := linalg.Mul(linalg.Mul(g, st.A.T()), st.A)
	first.Add(1, linalg.Mul(st.B, linalg.Mul(st.B.T(), g)))
	second := linalg.Mul(linalg.Mul(linalg.Mul(g, st.A.T()), st.B.T()), g)
	return Step{first.Scaled(-rate * scale * scale), second.Scaled(rate * rate * scale * scale * scale)}
}

// Gain is how far the first order goes, by unit of the rate: ‖first‖/η.
func (s Step) Gain(rate float64) float64 { return linalg.Norm(s.First.Data) / math.Abs(rate) }

// Taken is the step itself, made: s·(B₁A₁ − BA) with A₁ = A − η·s·BᵀG and B₁ = B − η·s·GAᵀ.
func Taken(st Start, g linalg.Dense, scale, rate float64) (change, gradA, gradB linalg.Dense) {
	gradA, gradB = linalg.Mul(st.B.T(), g).Scaled(scale), linalg.Mul(g, st.A.T()).Scaled(scale)
	a, b := st.A.Scaled(1), st.B.Scaled(1)
	a.Add(-rate, gradA)
	b.Add(-rate, gradB)
	change = linalg.Mul(b, a)
	change.Add(-1, linalg.Mul(st.B, st.A))
	return change.Scaled(scale), gradA, gradB
}
