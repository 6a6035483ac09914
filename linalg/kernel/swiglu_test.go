package kernel

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// What a gate that forks leaves gives the bits of the way back by itself.
func TestSwiGLUForkLeavesTheWayBack(t *testing.T) {
	s := rng.New(16).Stream()
	for _, n := range [][2]int{{1, 1}, {3, 15}, {5, 64}, {2, 100}, {7, 344}, {0, 8}} {
		rows, cols := n[0], n[1]
		gate, up, dy := inside(s, rows, cols), inside(s, rows, cols), inside(s, rows, cols)
		y, slope, by := inside(s, rows, cols), inside(s, rows, cols), copyOf(gate)
		SwiGLUFork(y, slope, by, up)
		for i := range rows {
			want, dgate, dup := make([]float32, cols), make([]float32, cols), make([]float32, cols)
			SwiGLU(want, gate.Row(i), up.Row(i))
			numtest.Same(t, "gated", y.Row(i), want)
			SwiGLUBack(dgate, dup, dy.Row(i), gate.Row(i), up.Row(i))
			for j, d := range dy.Row(i) {
				want[j] = d * by.Row(i)[j]
				y.Row(i)[j] = float32(d*up.Row(i)[j]) * slope.Row(i)[j]
			}
			numtest.Same(t, "gradient of up", want, dup)
			numtest.Same(t, "gradient of the gate", y.Row(i), dgate)
		}
	}
	wide := Of(make([]float32, 12), 2, 6) // rows of two strides
	SwiGLUFork(wide.ColRange(0, 2), Of(make([]float32, 4), 2, 2), wide.ColRange(2, 4), wide.ColRange(4, 6))
}
