package rng

import (
	"fmt"
	"math"
)

// Gamma is gamma-distributed with the given shape and scale 1 (mean = variance = shape).
// For shapes below about 0.001 most draws are below the smallest float64 and come as 0;
// [Stream.Dirichlet] works with their logarithms and has no such floor.
func (s *Stream) Gamma(shape float64) float64 { return math.Exp(s.logGamma(shape)) }

// logGamma is the logarithm of a gamma draw. Shapes below 1 are drawn at shape+1 and
// shrunk by U^(1/shape) (Marsaglia and Tsang 2000, §6).
func (s *Stream) logGamma(shape float64) float64 {
	if !(shape > 0) || math.IsInf(shape, 1) {
		panic(fmt.Sprintf("rng: shape of a gamma distribution must be positive and finite, not %v", shape))
	}
	if shape < 1 {
		boost := math.Log(s.open()) / shape
		return s.logGamma(shape+1) + boost
	}
	// Marsaglia and Tsang, "A simple method for generating gamma variables", ACM TOMS 26
	// (2000): d·v with v = (1 + c·x)³ and x normal, accepted with probability > 0.95.
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Norm()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		logV := 3 * math.Log(v)
		half := float64(0.5*x) * x
		bound := half + float64(d*(1-math.Exp(logV)+logV))
		if math.Log(s.open()) < bound {
			return math.Log(d) + logV
		}
	}
}

// open is uniform in (0, 1): its logarithm is finite.
func (s *Stream) open() float64 {
	for {
		if u := s.Float64(); u > 0 {
			return u
		}
	}
}

// Dirichlet draws shares, all ≥ 0 and summing to 1, with the given concentrations (all
// positive: α small puts nearly everything into one share, α large makes them alike).
// It goes through logarithms, so that α = 0.001 still gives shares and not 0/0.
func (s *Stream) Dirichlet(alpha []float64) []float64 {
	if len(alpha) == 0 {
		panic("rng: a Dirichlet draw needs at least one concentration")
	}
	shares := make([]float64, len(alpha))
	top := math.Inf(-1)
	for i, a := range alpha {
		shares[i] = s.logGamma(a)
		top = max(top, shares[i])
	}
	var sum float64
	for i := range shares {
		shares[i] = math.Exp(shares[i] - top)
		sum += shares[i]
	}
	for i := range shares {
		shares[i] /= sum
	}
	return shares
}
