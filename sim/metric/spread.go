package metric

import "math"

// Spread describes the values that one arm got from several seeds.
type Spread struct {
	N    int
	Mean float64
	// SD is the sample standard deviation (n−1 below the line), NaN below two values.
	SD float64
	// Half is half the width of the two-sided 95 % confidence interval of the mean by
	// Student's t, for values that are normal; NaN below two values. With few seeds it is
	// wide, and rightly so: with 3 it is 2.5 standard deviations.
	Half float64
}

// SpreadOf computes mean, standard deviation and interval in two passes, in the order given.
func SpreadOf(values []float64) Spread {
	s := Spread{N: len(values), Mean: math.NaN(), SD: math.NaN(), Half: math.NaN()}
	if s.N == 0 {
		return s
	}
	n := float64(s.N)
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	s.Mean = sum / n
	if s.N < 2 {
		return s
	}
	for _, v := range values {
		d := v - s.Mean
		squares += float64(d * d)
	}
	s.SD = math.Sqrt(squares / (n - 1))
	s.Half = student95(s.N-1) * s.SD / math.Sqrt(n)
	return s
}

// Paired is the spread of the differences after[i] − before[i]: the comparison of two arms
// seed by seed. It panics if the lengths differ.
func Paired(after, before []float64) Spread {
	if len(after) != len(before) {
		panic("metric: paired values need one partner each")
	}
	diff := make([]float64, len(after))
	for i := range diff {
		diff[i] = after[i] - before[i]
	}
	return SpreadOf(diff)
}

// t95 is Student's t at 97.5 % for 1 … 30 degrees of freedom.
var t95 = [...]float64{
	12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600, 2.26216, 2.22814,
	2.20099, 2.17881, 2.16037, 2.14479, 2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596,
	2.07961, 2.07387, 2.06866, 2.06390, 2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227,
}

// student95 looks the quantile up; above the table it is Cornish and Fisher's expansion around
// the normal quantile, right to 1e-5 there.
func student95(freedom int) float64 {
	if freedom <= len(t95) {
		return t95[freedom-1]
	}
	const z = 1.959963984540054
	const z3, z5, z7 = z * z * z, z * z * z * z * z, z * z * z * z * z * z * z
	const g1, g2, g3 = (z3 + z) / 4, (5*z5 + 16*z3 + 3*z) / 96, (3*z7 + 19*z5 + 17*z3 - 15*z) / 384
	v := float64(freedom)
	return z + g1/v + g2/(v*v) + g3/(v*v*v)
}
