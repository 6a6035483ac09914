package stat

import "math"

// Equivalence is the outcome of two one-sided tests (Schuirmann 1987).
type Equivalence struct {
	Margin float64
	P      float64 // the larger of the two; at most α: the difference is within the margin
}

// Equivalent tests that the mean of paired differences lies within ±margin: one t-test
// that it is above −margin, one that it is below +margin. It is the counterpart of a test
// for a difference: not to find one does not show that there is none. NaN below two
// differences; a margin that is not positive panics, for no difference is within it.
func Equivalent(d []float64, margin float64) Equivalence {
	if !(margin > 0) {
		panic("stat: an equivalence needs a margin above 0")
	}
	n := float64(len(d))
	mean, se := Mean(d), SD(d)/math.Sqrt(n)
	if se == 0 { // equal differences: within, or not
		p := 1.0
		if math.Abs(mean) < margin {
			p = 0
		}
		return Equivalence{margin, p}
	}
	above := tTail((mean+margin)/se, n-1, Greater)
	below := tTail((margin-mean)/se, n-1, Greater)
	return Equivalence{margin, max(above, below)}
}
