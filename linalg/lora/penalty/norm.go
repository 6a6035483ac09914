package penalty

import "math"

// Squared is Σθ², whose gradient is 2θ.
func Squared(weight float64, theta, grad []float32) (value float64) {
	for i, x := range theta {
		value += float64(float64(x) * float64(x))
		if grad != nil {
			grad[i] += float32(weight * float64(2*float64(x)))
		}
	}
	return value
}

// Length is √Σθ², the Frobenius norm, not squared. Its gradient is θ/‖θ‖, and 0 at 0: before
// its first step B is 0.
func Length(weight float64, theta, grad []float32) float64 {
	norm := math.Sqrt(Squared(0, theta, nil))
	if norm == 0 || grad == nil {
		return norm
	}
	for i, x := range theta {
		grad[i] += float32(weight * (float64(x) / norm))
	}
	return norm
}

// Absolute is Σ|θ|. It has no gradient at 0, where it wants weights to be: see [Shrink].
func Absolute(theta []float32) (value float64) {
	for _, x := range theta {
		value += math.Abs(float64(x))
	}
	return value
}

// Shrink is the proximal step of weight·Σ|θ| after an update of rate: every weight comes
// nearer to 0 by rate·weight, and stays there where it was nearer than that (soft
// thresholding; Parikh and Boyd 2014, §6.5.2).
func Shrink(theta []float32, by float64) {
	for i, x := range theta {
		theta[i] = float32(math.Copysign(max(0, math.Abs(float64(x))-by), float64(x)))
	}
}
