package kernel

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// draw16 draws finite numbers of 16 bits, of all magnitudes up to some thousands, with
// zeros of both signs and, in f16, numbers below the normal ones.
func draw16(s *rng.Stream, rows, cols int, f Format) Matrix16 {
	data := make([]uint16, rows*cols)
	for i := range data {
		x := uint16(s.Uint64())
		if f == BFloat16 {
			x = x&0x87ff | 0x3800 // 2^-15 … 2
		} else if x&0x7c00 > 0x6c00 {
			x &= 0x87ff
		}
		data[i] = x
	}
	return Of16(data, rows, cols, f)
}

func widely(w Matrix16) Matrix {
	m := Of(make([]float32, len(w.Data)), w.Rows, w.Cols)
	for i, x := range w.Data {
		m.Data[i] = w.Format.Widen(x)
	}
	return m
}

var shapes16 = [][4]int{{1, 1, 1, 1}, {1, 576, 576, 8}, {2, 130, 600, 1}, {3, 33, 5, 2}, {3, 200, 300, 4}, {4, 95, 257, 3}, {5, 64, 40, 8}, {6, 17, 33, 2}, {7, 47, 31, 5}, {14, 160, 300, 4}, {29, 97, 64, 17}, {40, 33, 700, 1}, {340, 70, 20, 2}, {0, 40, 3, 2}, {5, 40, 0, 2}, {9, 40, 0, 1}}

// Held in 16 bits or widened first: the same bits, for any shape and epilogue.
func TestPanelsOf16BitsHaveTheBitsOfWidenedOnes(t *testing.T) {
	s := rng.New(51).Stream()
	for _, f := range []Format{BFloat16, Float16} {
		for _, n := range shapes16 {
			m, cols, k, r := n[0], n[1], n[2], n[3]
			w := draw16(s, cols, k, f)
			p, q := PackNT16(w), PackNT(widely(w))
			a, c, onto, z, b := inside(s, m, k), inside(s, m, cols), inside(s, m, cols), inside(s, m, r), inside(s, cols, r)
			bias, low := draw(s, cols), PackNT(b)
			for _, e := range []Epilogue{{}, {Add: true}, {Onto: onto}, {Bias: bias}, {Onto: onto, Low: low, LowIn: z, Bias: bias}} {
				want, got := copyOf(c), copyOf(c)
				q.Mul(want, a, e)
				p.Mul(got, a, e)
				same(t, f.String(), got, want)
			}
			if lo := 32; cols > lo {
				want, got := copyOf(c).ColRange(lo, cols), copyOf(c).ColRange(lo, cols)
				q.MulCols(&want, &a, lo, cols, &Epilogue{Bias: bias[lo:]})
				p.MulCols(&got, &a, lo, cols, &Epilogue{Bias: bias[lo:]})
				same(t, "columns of "+f.String(), got, want)
			}
			if k == 0 {
				continue
			}
			back, dx, wantDx := p.Turned(), inside(s, m, k), inside(s, m, k)
			q.Turned().Mul(wantDx, c, Epilogue{})
			back.Mul(dx, c, Epilogue{})
			for i := range m {
				numtest.Same(t, "turned", dx.Row(i), wantDx.Row(i))
			}
			if back.Format() != f {
				t.Fatalf("turned panels hold %v, expected %v", back.Format(), f)
			}
			same(t, "unpacked", p.Unpack(), q.Unpack())
		}
	}
}

// Every finite number of 16 bits, by the portable widening and by a product with one.
func TestAllNumbersOf16Bits(t *testing.T) {
	one := Of([]float32{1}, 1, 1)
	for _, f := range []Format{BFloat16, Float16} {
		var all []uint16
		for i := range 1 << 16 {
			if f.Finite(uint16(i)) && uint16(i) != 0x8000 { // 0 + −0 is 0
				all = append(all, uint16(i))
			}
		}
		w := Of16(all, len(all), 1, f)
		got := Of(make([]float32, len(all)), 1, len(all))
		PackNT16(w).Mul(got, one, Epilogue{})
		numtest.Same(t, f.String(), got.Data, widely(w).Data)
	}
	for bits, want := range map[uint16]float32{0x3c00: 1, 0xc000: -2, 0x7bff: 65504, 1: 1.0 / (1 << 24), 0x0400: 1.0 / (1 << 14), 0x83ff: -1023.0 / (1 << 24)} {
		if got := Float16.Widen(bits); got != want {
			t.Errorf("float16 %#04x is %g, expected %g", bits, got, want)
		}
	}
}
