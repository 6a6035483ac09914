package factor

import "testing"

// The change of ten adapters of rank 32 on a square weight of width 4096, cut to rank 32.
func BenchmarkProductTop4096(b *testing.B) {
	x, y := random("b", 4096, 320), random("a", 320, 4096)
	for b.Loop() {
		if _, err := ProductTop(x, y, 32); err != nil {
			b.Fatal(err)
		}
	}
}
