package numtest

import (
	"math"
	"testing"
)

// Gradient compares a gradient with central differences of f at x. f is the function in
// float64, written for the test and simply, so that differences are good to about 1e-9
// and what is compared is the float32 gradient's own rounding. tol is relative to the
// gradient's largest entry, or to 1 if that is smaller.
//
// x is given back as it was.
func Gradient(t testing.TB, name string, x []float64, grad []float32, f func() float64, tol float64) {
	t.Helper()
	if len(x) != len(grad) {
		t.Fatalf("%s: a gradient of %d numbers for %d", name, len(grad), len(x))
	}
	want := make([]float64, len(x))
	scale := 1.0
	for i, v := range x {
		h := 1e-5 * max(1, math.Abs(v))
		x[i] = v + h
		above := f()
		x[i] = v - h
		below := f()
		x[i] = v
		want[i] = (above - below) / (2 * h)
		scale = max(scale, math.Abs(want[i]))
	}
	CloseWide(t, name, Wide(grad), want, tol*scale)
}
