package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// GradNorm is the Euclidean norm over all gradients together, summed in float64 in the
// order of the params.
func GradNorm(params []Param) float64 {
	var sum float64
	for _, p := range params {
		sum += kernel.SumSquares(p.Grad)
	}
	return math.Sqrt(sum)
}

// ClipNorm shrinks all gradients by min(1, limit/(norm + 1e-6)), as PyTorch's
// clip_grad_norm_ does, and returns the norm before. A norm that is not finite leaves
// the gradients alone: the caller sees it and decides.
func ClipNorm(params []Param, limit float64) float64 {
	norm := GradNorm(params)
	shrink := limit / (norm + 1e-6)
	if !(shrink < 1) || math.IsInf(norm, 1) {
		return norm
	}
	for _, p := range params {
		kernel.Scale(p.Grad, float32(shrink))
	}
	return norm
}
