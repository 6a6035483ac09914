package coordinator

import (
	"math"
	"testing"
)

// One number that is none is found wherever it stands, and large ones and small ones are numbers.
func TestFinite(t *testing.T) {
	for _, n := range []int{0, 1, 7, 127, 128, 129, 300} {
		data := make([]float32, n)
		for i := range data {
			data[i] = []float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 1}[i%5]
		}
		if !finite(data) {
			t.Errorf("%d numbers are not finite", n)
		}
		for i := range data {
			for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
				was := data[i]
				if data[i] = float32(bad); finite(data) {
					t.Errorf("%g at %d of %d is not seen", bad, i, n)
				}
				data[i] = was
			}
		}
	}
}
