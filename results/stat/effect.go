package stat

import "math"

// Effect is how large a paired difference is, free of units.
type Effect struct {
	// Dz is Cohen's d of the differences: their mean over their standard deviation. It says
	// how sure one can be of the direction in one seed, not how much is gained.
	Dz float64
	// Gz is Dz with Hedges' correction for few seeds, exact by the gamma function.
	Gz float64
	// Biserial is the matched-pairs rank-biserial correlation: the share of rank sum in
	// favour minus the share against, −1 … 1.
	Biserial float64
}

// EffectOf measures paired differences. Equal ones have a Dz without bound; below two it
// is NaN.
func EffectOf(d []float64) Effect {
	dz := Mean(d) / SD(d)
	e := Effect{Dz: dz, Gz: dz * hedges(float64(len(d)-1)), Biserial: math.NaN()}
	if hasNaN(d) || len(d) == 0 {
		return e
	}
	s := signedRanks(d, DropZeros)
	e.Biserial = 0
	if total := s.plus + s.minus; total > 0 {
		e.Biserial = (s.plus - s.minus) / total
	}
	return e
}

// hedges is Γ(m/2) / (√(m/2) Γ((m−1)/2)) for m degrees of freedom.
func hedges(m float64) float64 {
	if m < 2 {
		return math.NaN()
	}
	top, _ := math.Lgamma(m / 2)
	bottom, _ := math.Lgamma((m - 1) / 2)
	return math.Exp(top-bottom) / math.Sqrt(m/2)
}
