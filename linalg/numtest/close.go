package numtest

import (
	"math"
	"testing"
)

// Close compares element by element, |got − want| ≤ tol, and reports the worst. NaN is
// never close to anything.
func Close(t testing.TB, name string, got, want []float32, tol float64) {
	t.Helper()
	CloseWide(t, name, Wide(got), Wide(want), tol)
}

// CloseWide is Close in float64.
func CloseWide(t testing.TB, name string, got, want []float64, tol float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers; want %d", name, len(got), len(want))
		return
	}
	worst, where := -1.0, 0
	for i, g := range got {
		d := math.Abs(g - want[i])
		if math.IsNaN(d) {
			d = math.Inf(1)
		}
		if d > worst {
			worst, where = d, i
		}
	}
	if worst > tol {
		t.Errorf("%s[%d] = %.9g; want %.9g: off by %.3g, allowed %.3g", name, where, got[where], want[where], worst, tol)
	}
}

// Same compares bit by bit.
func Same(t testing.TB, name string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers; want %d", name, len(got), len(want))
		return
	}
	for i, g := range got {
		if math.Float32bits(g) != math.Float32bits(want[i]) {
			t.Errorf("%s[%d] = %.9g; want the same bits as %.9g", name, i, g, want[i])
			return
		}
	}
}

// Wide is x in float64.
func Wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
