package kernel

import "fmt"

// AddRows64 adds to out, which is as long as they are, the rows of m, each times weight and a
// number of its own: out += Σ (weight·by[k])·m.Row(k). The products are rounded before they are
// added, and added in ascending k: the same bits on every machine.
func AddRows64(out []float64, weight float64, by []float64, m Matrix64) {
	if len(out) != m.Cols || len(by) != m.Rows {
		panic(fmt.Sprintf("kernel: adding %d rows of %v to a row of %d", len(by), m, len(out)))
	}
	done := fastAddRows64(out, weight, by, m)
	if done == len(out) {
		return
	}
	out = out[done:]
	for k, x := range by {
		c, row := float64(weight*x), m.Row(k)[done:][:len(out)]
		for i, y := range row {
			out[i] += float64(c * y)
		}
	}
}

// AddWide adds to out, which is as long as it is, x times weight, each number widened first:
// out += weight·x. The products are rounded before they are added: the same bits on every machine.
func AddWide(out []float64, weight float64, x []float32) {
	if len(out) != len(x) {
		panic(fmt.Sprintf("kernel: adding %d numbers to %d", len(x), len(out)))
	}
	done := fastAddWide(out, weight, x)
	x = x[done:]
	for i, v := range x {
		out[done+i] += float64(weight * float64(v))
	}
}
