package stat

import (
	"fmt"
	"math"
)

// paired refuses two lists that are not of one length.
func paired(x, y []float64) error {
	if len(x) != len(y) {
		return fmt.Errorf("correlation: %d values against %d; needs as many on either side", len(x), len(y))
	}
	return nil
}

// Pearson is the linear correlation of pairs, its two-sided p-value by t with n−2 degrees
// of freedom (1 for two pairs, which always lie on a line). NaN where a side is constant.
// Fewer than two pairs are an error.
func Pearson(x, y []float64) (Result, error) {
	if err := paired(x, y); err != nil {
		return nowhere, err
	}
	if len(x) < 2 {
		return nowhere, fmt.Errorf("correlation: %d pairs; needs at least 2", len(x))
	}
	r := pearson(x, y)
	if len(x) == 2 && !math.IsNaN(r) {
		return Result{math.Copysign(1, r), 1}, nil
	}
	return Result{r, correlationP(r, len(x))}, nil
}

// PearsonInterval is the interval of a correlation by Fisher's transformation.
func PearsonInterval(r float64, pairs int, confidence float64) (low, high float64) {
	if math.IsNaN(r) {
		return r, r
	}
	half := NormalQuantile((1+confidence)/2) / math.Sqrt(max(0, float64(pairs-3)))
	z := math.Atanh(r)
	if math.IsInf(half, 0) {
		return -1, 1
	}
	return math.Tanh(z - half), math.Tanh(z + half)
}

// Spearman is the correlation of ranks, equal values having the mean of theirs; p by t
// with n−2 degrees of freedom. NaN below two pairs and where a side is constant.
func Spearman(x, y []float64) (Result, error) {
	if err := paired(x, y); err != nil {
		return nowhere, err
	}
	if len(x) < 2 || hasNaN(x) || hasNaN(y) {
		return nowhere, nil
	}
	rx, _ := ranks(x)
	ry, _ := ranks(y)
	r := pearson(rx, ry)
	return Result{r, correlationP(r, len(x))}, nil
}

func pearson(x, y []float64) float64 {
	mx, my := Mean(x), Mean(y)
	var xx, yy, xy float64
	for i := range x {
		a, b := x[i]-mx, y[i]-my
		xx += float64(a * a)
		yy += float64(b * b)
		xy += float64(a * b)
	}
	return max(-1, min(1, xy/(math.Sqrt(xx)*math.Sqrt(yy))))
}

func correlationP(r float64, n int) float64 {
	freedom := float64(n - 2)
	return tTail(r*math.Sqrt(freedom/((1-r)*(1+r))), freedom, TwoSided)
}
