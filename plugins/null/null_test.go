package null

import (
	"slices"
	"testing"
)

// However many numbers there are, each goes to its own sum.
func TestAdd(t *testing.T) {
	for n := range 10 {
		sums, want, numbers := make([]float64, n), make([]float64, n), make([]float32, n)
		for i := range n {
			sums[i], numbers[i] = 0.1*float64(i), 1/float32(3+i)
			want[i] = sums[i] + float64(numbers[i])
		}
		if add(sums, numbers); !slices.Equal(sums, want) {
			t.Errorf("of %d: %v, want %v", n, sums, want)
		}
	}
}
