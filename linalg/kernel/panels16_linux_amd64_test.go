//go:build linux && amd64 && !purego

package kernel

import (
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Both roads read nothing beyond their ends, and give the same bits.
func TestPanelsOf16BitsOnBothRoads(t *testing.T) {
	s := rng.New(52).Stream()
	for _, format := range []Format{BFloat16, Float16} {
		for _, n := range shapes16 {
			m, cols, k := n[0], n[1], n[2]
			if m == 0 || k == 0 {
				continue
			}
			w := draw16(s, cols, k, format)
			p := PackNT16(w)
			numbers := fence(t, s, len(p.half)/2)
			held := unsafe.Slice((*uint16)(unsafe.Pointer(&numbers[0])), len(p.half))
			copy(held, p.half)
			p.half = held
			a, onto, bias := Of(fence(t, s, m*k), m, k), Of(fence(t, s, m*cols), m, cols), fence(t, s, cols)
			for road, f := range roads(t) {
				want, got := Of(make([]float32, m*cols), m, cols), Of(fence(t, s, m*cols), m, cols)
				f.mul(PackNT(widely(w)), &want, &a, 0, cols, &Epilogue{Onto: onto, Bias: bias})
				f.mul16(p, got, a, 0, cols, Epilogue{Onto: onto, Bias: bias})
				same(t, road+" "+format.String(), got, want)
			}
		}
	}
}
