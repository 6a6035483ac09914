package kernel

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Any sides and strides: a product is what its sums are, and packing cannot be seen.
func FuzzProducts(f *testing.F) {
	f.Add(uint8(3), uint8(40), uint16(17), uint64(1), true)
	f.Add(uint8(29), uint8(33), uint16(300), uint64(2), false)
	f.Add(uint8(200), uint8(1), uint16(1), uint64(3), true)
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, seed uint64, add bool) {
		s := rng.New(seed).Stream()
		rows, cols, mid := int(m), int(n), int(k%700)
		a, w, c := inside(s, rows, mid), inside(s, cols, mid), inside(s, rows, cols)
		got, packed := copyOf(c), copyOf(c)
		NT(&got, &a, &w, add)
		PackNT(w).Mul(packed, a, Epilogue{Add: add})
		same(t, "packed", packed, got)
		for i := range rows {
			for j := range cols {
				var want, size float64
				if add {
					want = c.at(i, j)
					size = math.Abs(want)
				}
				for p := range mid {
					want += a.at(i, p) * w.at(j, p)
					size += math.Abs(a.at(i, p) * w.at(j, p))
				}
				if d := math.Abs(got.at(i, j) - want); !(d <= (2+math.Sqrt(float64(mid)))*1.2e-7*size) {
					t.Fatalf("(%d,%d) of %d×%d×%d is %g; want %g", i, j, rows, cols, mid, got.at(i, j), want)
				}
			}
		}
	})
}
