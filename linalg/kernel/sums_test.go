package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Whatever road is in use, what is added is the loop over single numbers: rounded products in
// the order of the rows, of all lengths about those of a register and of eight, of rows with and
// without gaps, and of numbers that overflow, vanish or are none.
func TestRowsAreAddedOneAfterTheOther(t *testing.T) {
	s := rng.New(61).Stream()
	odd := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e308, -1e-308, 5e-324}
	drawn := func(n int, strange bool) []float64 {
		out := make([]float64, n)
		for i := range out {
			if out[i] = s.Norm(); strange && s.IntN(5) == 0 {
				out[i] = odd[s.IntN(len(odd))]
			}
		}
		return out
	}
	for cols := range 141 {
		for _, rows := range []int{0, 1, 2, 3, 8, 33} {
			for _, gap := range []int{0, 5} {
				strange := (cols+rows)%3 == 0
				m := Matrix64{Data: drawn(rows*(cols+gap), strange), Rows: rows, Cols: cols, Stride: cols + gap}
				by, weight, got := drawn(rows, strange), s.Norm(), drawn(cols, strange)
				want := append([]float64(nil), got...)
				for k, x := range by {
					for i, y := range m.Row(k) {
						want[i] += float64(float64(weight*x) * y)
					}
				}
				AddRows64(got, weight, by, m)
				sameNumbers(t, fmt.Sprintf("%d rows of %d, %d apart", rows, cols, m.Stride), got, want)
			}
		}
	}
}

// The same of one row of float32, which is widened first.
func TestNumbersAreWidenedAndAdded(t *testing.T) {
	s := rng.New(62).Stream()
	odd := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 3e38, 1e-45}
	for n := range 141 {
		for _, weight := range []float64{1, s.Norm(), 0, 1e308} {
			x, got := draw(s, n), make([]float64, n)
			for i := range x {
				if got[i] = s.Norm(); s.IntN(9) == 0 {
					x[i] = odd[s.IntN(len(odd))]
				}
			}
			want := append([]float64(nil), got...)
			for i, v := range x {
				want[i] += float64(weight * float64(v))
			}
			AddWide(got, weight, x)
			sameNumbers(t, fmt.Sprintf("%d numbers times %v", n, weight), got, want)
		}
	}
}

func sameNumbers(t *testing.T, name string, got, want []float64) {
	t.Helper()
	for i := range want {
		if math.Float64bits(got[i]) != math.Float64bits(want[i]) && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
			t.Fatalf("%s: number %d is %v, expected %v", name, i, got[i], want[i])
		}
	}
}
