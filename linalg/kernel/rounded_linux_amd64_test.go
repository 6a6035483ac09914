//go:build linux && amd64 && !purego

package kernel

import (
	"fmt"
	"math"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"

	"github.com/loramesh/loramesh/linalg/rng"
)

// pairings are those that this processor has.
func pairings(t testing.TB) map[string]*pairing {
	out := map[string]*pairing{}
	for road := range roads(t) {
		if road == roadAVX2 {
			out["avx2"] = &pairs256
		} else if cpu.X86.HasAVX512BF16 {
			out["avx512_bf16"] = &pairs512
		}
	}
	return out
}

// Both ways of assembly have the portable bits, and read nothing beyond their ends.
func TestRoundedProductsOnBothRoads(t *testing.T) {
	s := rng.New(65).Stream()
	for _, n := range roundedShapes {
		m, cols, k, r := n[0], n[1], n[2], n[3]
		if m == 0 || k == 0 || r == 0 {
			continue
		}
		fenced := func(rows, cols int) Matrix {
			x := Of(fence(t, s, rows*cols), rows, cols)
			copy(x.Data, wild(s, rows*cols))
			return x
		}
		p := PackRoundedNT(wildInside(s, cols, k))
		numbers := fence(t, s, len(p.half)/2)
		held := unsafe.Slice((*uint16)(unsafe.Pointer(&numbers[0])), len(p.half))
		copy(held, p.half)
		p.half = held
		a, onto, bias := fenced(m, k), fenced(m, cols), fence(t, s, cols)
		low, z, times := PackNT(inside(s, cols, r)), fenced(m, r), Of(fence(t, s, m*cols), m, cols)
		for i, e := range []Epilogue{{Onto: onto, Bias: bias}, {Low: low, LowIn: z, Bias: bias, Times: times}} {
			if fast == nil && e.Low != nil {
				continue // a branch is float32, and slowly would make it by the portable road
			}
			want := Of(make([]float32, m*cols), m, cols)
			slowly(p, want, a, 0, cols, e)
			for road, f := range pairings(t) {
				got := fenced(m, cols)
				f.mulPairs(p, got, a, 0, cols, e)
				equalOrNone(t, fmt.Sprint(road, n, i), got, want)
			}
		}
	}
}

// Rounding by each road, over a sweep of all upper halves with lower halves at every edge.
func TestRoundingOnBothRoads(t *testing.T) {
	lows := []uint32{0, 1, 0x7fff, 0x8000, 0x8001, 0xffff}
	x := make([]float32, 0, len(lows)<<16)
	for hi := range uint32(1 << 16) {
		for _, lo := range lows {
			x = append(x, math.Float32frombits(hi<<16|lo))
		}
	}
	for road, f := range pairings(t) {
		room := make([]uint64, len(x)/2+16)
		f.roundRows(unsafe.Pointer(&room[0]), 8*len(room), Of(x, 1, len(x)), len(x)/2)
		for k, from := range x {
			var got float32
			if f.left == 4 {
				got = BFloat16.Widen(*(*uint16)(unsafe.Add(unsafe.Pointer(&room[0]), 2*(k^1))))
			} else {
				got = *(*float32)(unsafe.Add(unsafe.Pointer(&room[0]), 4*k))
			}
			if want := Round(from); math.Float32bits(got) != math.Float32bits(want) {
				t.Fatalf("%s: %#08x rounds to %#08x; want %#08x", road, math.Float32bits(from), math.Float32bits(got), math.Float32bits(want))
			}
		}
	}
}

// A step of the chain by each road, for pairs and sums of all kinds, against the portable one.
func TestStepsOnBothRoads(t *testing.T) {
	const columns, rounds = 64, 3000
	s := rng.New(66).Stream()
	for range rounds {
		a, w, c := Of(wild(s, 2), 1, 2), Of(wild(s, 2*columns), columns, 2), Of(wild(s, columns), 1, columns)
		p, want := PackRoundedNT(w), copyOf(c)
		p.chains(want.Row(0), a.Row(0), 0)
		for road, f := range pairings(t) {
			got := copyOf(c)
			f.mulPairs(p, got, a, 0, columns, Epilogue{Add: true})
			equalOrNone(t, fmt.Sprint(road, a.Data), got, want)
		}
	}
}

// What the processor is told of tiny numbers is untold again: others' are kept.
func TestTinyNumbersAreKeptElsewhere(t *testing.T) {
	s := rng.New(67).Stream()
	p, a, c := PackRoundedNT(inside(s, 40, 70)), inside(s, 9, 70), Of(make([]float32, 9*40), 9, 40)
	for road, f := range pairings(t) {
		f.mulPairs(p, c, a, 0, 40, Epilogue{})
		tiny := a.Data[0]
		if tiny = float32(math.Copysign(0x1p-120, float64(tiny))) * 0x1p-20; tiny == 0 {
			t.Errorf("%s: numbers below the normal ones count as zero after a product", road)
		}
	}
}
