package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// Side says which alternative a test speaks for.
type Side int

// Sides.
const (
	TwoSided Side = iota
	Greater       // the first is larger than the second, or the difference above 0
)

// Result is a test's statistic and its p-value.
type Result struct{ Statistic, P float64 }

// nowhere is the result of a test that the data do not allow.
var nowhere = Result{math.NaN(), math.NaN()}

// TResult is a t-test: with the degrees of freedom and the 95 % interval of the mean
// difference.
type TResult struct {
	Result
	Freedom   float64
	Low, High float64
}

// PairedT is Student's test of the mean of paired differences against 0, and the 95 %
// interval of that mean, for differences that are normal. Equal differences give a
// statistic without bound and p 0; below two there is none (NaN).
func PairedT(d []float64, side Side) TResult {
	n := float64(len(d))
	mean := Mean(d)
	se := SD(d) / math.Sqrt(n)
	t := mean / se
	r := TResult{Result: Result{t, tTail(t, n-1, side)}, Freedom: n - 1}
	if hasNaN(d) {
		r.Freedom = math.NaN()
	}
	half := float64(TQuantile(0.975, n-1) * se)
	r.Low, r.High = mean-half, mean+half
	return r
}

// PooledT is Student's test for two samples of equal variance, two-sided.
func PooledT(x, y []float64) TResult {
	nx, ny := float64(len(x)), float64(len(y))
	freedom := nx + ny - 2
	variance := (squares(x) + squares(y)) / freedom
	t := (Mean(x) - Mean(y)) / math.Sqrt(variance*(1/nx+1/ny))
	return TResult{Result: Result{t, tTail(t, freedom, TwoSided)}, Freedom: freedom, Low: math.NaN(), High: math.NaN()}
}

// Welch is the test for two samples of unequal variance, two-sided, with Satterthwaite's
// degrees of freedom (1 where they are not defined).
func Welch(x, y []float64) TResult {
	nx, ny := float64(len(x)), float64(len(y))
	vx, vy := squares(x)/(nx-1)/nx, squares(y)/(ny-1)/ny
	t := (Mean(x) - Mean(y)) / math.Sqrt(vx+vy)
	freedom := float64((vx+vy)*(vx+vy)) / (float64(vx*vx)/(nx-1) + float64(vy*vy)/(ny-1))
	if math.IsNaN(freedom) && len(x) > 0 && len(y) > 0 && !hasNaN(x) && !hasNaN(y) {
		freedom = 1
	}
	return TResult{Result: Result{t, tTail(t, freedom, TwoSided)}, Freedom: freedom, Low: math.NaN(), High: math.NaN()}
}

// tTail is the probability beyond t, from the incomplete beta function: also where it is
// far below what 1 − CDF could show.
func tTail(t, freedom float64, side Side) float64 {
	if math.IsNaN(t) || !(freedom > 0) {
		return math.NaN()
	}
	both := 0.0
	if !math.IsInf(t, 0) {
		both = mathext.RegIncBeta(freedom/2, 0.5, freedom/(freedom+float64(t*t)))
	}
	switch {
	case side == TwoSided:
		return both
	case t > 0:
		return both / 2
	}
	return 1 - both/2
}

// TQuantile is the value that Student's t with so many degrees of freedom stays below
// with probability p; NaN without freedom.
func TQuantile(p, freedom float64) float64 {
	if !(freedom > 0) {
		return math.NaN()
	}
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile(p)
}

// normalTail is the probability beyond z of a standard normal value.
func normalTail(z float64, side Side) float64 {
	if side == TwoSided {
		return math.Erfc(math.Abs(z) / math.Sqrt2)
	}
	return math.Erfc(z/math.Sqrt2) / 2
}

// Differences are x − y pair by pair: what two arms got from the same seeds. Unequal
// lengths are an error, since then something has no partner.
func Differences(x, y []float64) ([]float64, error) {
	if len(x) != len(y) {
		return nil, fmt.Errorf("paired values: %d on the left and %d on the right; each needs one partner", len(x), len(y))
	}
	d := make([]float64, len(x))
	for i := range d {
		d[i] = x[i] - y[i]
	}
	return d, nil
}
