package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// wild draws numbers whose products and sums meet every case: of usual size, tiny and below
// the normal ones, huge, halfway between two bfloat16, zeros of both signs.
func wild(s *rng.Stream, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		b := uint32(s.Uint64())
		switch s.IntN(8) {
		case 0:
			b = b & signBit
		case 1:
			b = b & 0x80ffffff // tiny, and below normal
		case 2:
			b = b&0x807fffff | uint32(60+s.IntN(10))<<23 // the product of two is about 2^-126
		case 3:
			b = b&0x807fffff | uint32(185+s.IntN(10))<<23 // of two: about 2^128
		case 4:
			b = b&0x80ff0000 | 0x3f008000 // a tie
		default:
			b = b&0x807fffff | uint32(122+s.IntN(8))<<23
		}
		x[i] = math.Float32frombits(b)
	}
	return x
}

func wildInside(s *rng.Stream, rows, cols int) Matrix {
	return Of(wild(s, (rows+1)*(cols+5)), rows+1, cols+5).RowRange(1, rows+1).ColRange(2, cols+2)
}

// equal compares bits, but all that is no number is the same.
func equalOrNone(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	for i := range want.Rows {
		for j, x := range want.Row(i) {
			y := got.Row(i)[j]
			if math.Float32bits(x) != math.Float32bits(y) && !(x != x && y != y) {
				t.Fatalf("%s: (%d,%d) is %g (%#08x); want %g (%#08x)", what, i, j, y, math.Float32bits(y), x, math.Float32bits(x))
			}
		}
	}
}

var roundedShapes = [][4]int{{1, 1, 1, 1}, {1, 576, 576, 8}, {2, 130, 601, 1}, {3, 33, 5, 2}, {3, 200, 300, 4}, {4, 95, 257, 3}, {5, 64, 40, 8}, {6, 17, 33, 2}, {7, 47, 31, 5},
	{13, 16, 64, 3}, {14, 160, 1100, 4}, {29, 97, 64, 17}, {40, 33, 700, 1}, {340, 70, 20, 2}, {0, 40, 3, 2}, {5, 40, 0, 2}, {9, 40, 0, 1}, {15, 32, 2, 0}}

// A product of rounded numbers is within the error of its float32 sums of one in float64 of
// the rounded numbers.
func TestRoundedProductsEqualSums(t *testing.T) {
	s := rng.New(61).Stream()
	for _, n := range roundedShapes {
		m, cols, k := n[0], n[1], n[2]
		a, w, got := inside(s, m, k), inside(s, cols, k), Of(make([]float32, m*cols), m, cols)
		PackRoundedNT(w).Mul(got, a, Epilogue{})
		for i := range m {
			for j := range cols {
				var want, size float64
				for p := range k {
					x := float64(Round(a.Row(i)[p])) * float64(Round(w.Row(j)[p]))
					want, size = want+x, size+math.Abs(x)
				}
				if d := math.Abs(got.at(i, j) - want); !(d <= float64(k+1)*6e-8*size) {
					t.Fatalf("%v: (%d,%d) is %g; want %g", n, i, j, got.at(i, j), want)
				}
			}
		}
	}
}

// The road in use has the bits of the portable one, for any shape, epilogue and numbers, and
// panels turned are those of the matrix turned.
func TestRoundedProductsHaveOneResult(t *testing.T) {
	s := rng.New(62).Stream()
	for _, n := range roundedShapes {
		m, cols, k, r := n[0], n[1], n[2], n[3]
		w := wildInside(s, cols, k)
		p := PackRoundedNT(w)
		a, c, onto, z, b := wildInside(s, m, k), wildInside(s, m, cols), wildInside(s, m, cols), inside(s, m, r), inside(s, cols, r)
		times, bias, low := inside(s, m, cols), draw(s, cols), PackNT(b)
		for i, e := range []Epilogue{{}, {Add: true}, {Onto: onto}, {Bias: bias}, {Onto: onto, Low: low, LowIn: z, Bias: bias}, {Bias: bias, Times: times}, {Add: true, Low: low, LowIn: z, Times: times}} {
			want, got := copyOf(c), copyOf(c)
			slowly(p, want, a, 0, cols, e)
			p.Mul(got, a, e)
			equalOrNone(t, fmt.Sprint(n, " epilogue ", i), got, want)
		}
		if lo := 32; cols > lo {
			want, got := copyOf(c).ColRange(lo, cols), copyOf(c).ColRange(lo, cols)
			slowly(p, want, a, lo, cols, Epilogue{Bias: bias[lo:]})
			p.MulCols(&got, &a, lo, cols, &Epilogue{Bias: bias[lo:]})
			equalOrNone(t, "columns", got, want)
		}
		turned, rounded := w, p.Unpack()
		for i := range turned.Rows {
			for j, x := range turned.Row(i) {
				if got, want := rounded.Row(i)[j], Round(x); math.Float32bits(got) != math.Float32bits(want) && want == want {
					t.Fatalf("unpacked (%d,%d) is %g; want %g", i, j, got, want)
				}
			}
		}
		back := p.Turned()
		if back.Format() != Rounded {
			t.Fatalf("turned panels hold %v", back.Format())
		}
		want, got := Of(make([]float32, m*k), m, k), Of(make([]float32, m*k), m, k)
		PackRoundedNN(w).Mul(want, c, Epilogue{})
		back.Mul(got, c, Epilogue{})
		equalOrNone(t, "turned", got, want)
	}
}

// slowly is a product by the definition of its chains, and then what float32 does, in calls
// of their own.
func slowly(p *Panels, c, a Matrix, lo, hi int, e Epilogue) {
	for i := range c.Rows {
		to := c.Row(i)
		if e.Onto.Data != nil {
			copy(to, e.Onto.Row(i))
		} else if !e.Add {
			clear(to)
		}
		p.chains(to, a.Row(i), lo)
	}
	if e.Low != nil {
		e.Low.Mul(c, e.LowIn, Epilogue{Add: true})
	}
	last(c, e)
}

// last adds a bias and multiplies, as an epilogue ends, in calls of their own.
func last(c Matrix, e Epilogue) {
	for i := range c.Rows {
		if e.Bias != nil {
			Add(c.Row(i), e.Bias)
		}
	}
	if e.Times.Data != nil {
		Multiply(c, c, e.Times)
	}
}

// Rounding to nearest, ties to even, on both sides of every kind of edge.
func TestRound(t *testing.T) {
	inf := float32(math.Inf(1))
	for in, want := range map[float32]float32{
		1: 1, 1 + 0x1p-8: 1, 1 + 0x1p-8 + 0x1p-23: 1 + 0x1p-7, 1 + 0x3p-8: 1 + 0x1p-6, -1 - 0x1p-8: -1, 0x1p-126: 0x1p-126, -0x1p-126: -0x1p-126,
		0x1p-127: 0, 0x1.fffffcp-127: 0, math.MaxFloat32: inf, -math.MaxFloat32: -inf, 0x1.fep127: 0x1.fep127, 0x1.fefffep127: 0x1.fep127, inf: inf,
	} {
		if got := Round(in); got != want {
			t.Errorf("%b rounds to %b; want %b", in, got, want)
		}
	}
	for _, bits := range []uint32{0x7f800001, 0x7fffffff, 0xff80ffff, 0xffc00000} {
		if got := Round(math.Float32frombits(bits)); got == got {
			t.Errorf("%#08x is no number, and rounds to %g", bits, got)
		}
	}
	for _, bits := range []uint32{0x80000000, 0x80000001, 0x807fffff} {
		if got := math.Float32bits(Round(math.Float32frombits(bits))); got != signBit {
			t.Errorf("%#08x rounds to %#08x; want -0", bits, got)
		}
	}
}

// chain against exact sums at the lower edge of the normal numbers and at the upper end.
func TestChainsAtTheEdges(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range [][4]float32{ // sum, x, y, result
		{0x1p-126, -0x1p-63, 0x1p-89, 0x1p-126}, // 2^-126 − 2^-152 is rounded before it is looked at
		{0x1p-126, -0x1p-63, 0x1p-88, 0x1p-126}, // a tie, to even
		{0x1p-126, -0x1.02p-63, 0x1p-88, 0},     // just beyond
		{0, 0x1p-63, 0x1.fep-64, 0},             // a product below the normal ones
		{0x1p-125, -0x1p-63, 0x1p-63, 0x1p-126}, // what is normal stays
		{-0x1.8p-126, 0x1p-63, 0x1p-63, 0},      // a difference below them
		{-0x1p127, 0x1p64, 0x1p64, 0x1p127},     // a product beyond the largest number
		{math.MaxFloat32, 0x1p52, 0x1p51, inf},  // a tie at the end
		{math.MaxFloat32, 0x1p51, 0x1.fep51, math.MaxFloat32},
		{inf, 0x1p64, -0x1p64, inf},
	} {
		if got := chain(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%b + %b·%b is %b; want %b", c[0], c[1], c[2], got, c[3])
		}
	}
}

// Nothing is allocated, whatever the sides.
func TestRoundedProductsAllocateNothing(t *testing.T) {
	s := rng.New(63).Stream()
	for _, n := range [][3]int{{1, 40, 10}, {3, 100, 600}, {40, 50, 60}, {40, 50, 700}, {400, 70, 1500}} {
		p := PackRoundedNT(Of(draw(s, n[1]*n[2]), n[1], n[2]))
		a, c := Of(draw(s, n[0]*n[2]), n[0], n[2]), Of(draw(s, n[0]*n[1]), n[0], n[1])
		if got := testing.AllocsPerRun(10, func() { p.Mul(c, a, Epilogue{}) }); got != 0 {
			t.Errorf("%v allocates %v times", n, got)
		}
	}
}

// Whatever the numbers and the shape, there is one result.
func FuzzRoundedProduct(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint8(40), uint16(70), uint8(0), uint32(0x7fc00000))
	f.Add(uint64(2), uint8(15), uint8(33), uint16(600), uint8(7), uint32(1))
	f.Fuzz(func(t *testing.T, seed uint64, m, n uint8, k uint16, skip uint8, odd uint32) {
		s := rng.New(seed).Stream()
		a, w := wildInside(s, int(m), int(k)%1200), wildInside(s, int(n), int(k)%1200)
		if len(a.Data) > 0 && a.Rows*a.Cols > 0 {
			a.Row(int(skip) % a.Rows)[int(odd)%a.Cols] = math.Float32frombits(odd)
		}
		p := PackRoundedNT(w)
		want := Of(wild(s, int(m)*int(n)), int(m), int(n))
		got := copyOf(want)
		slowly(p, want, a, 0, int(n), Epilogue{Add: true})
		p.Mul(got, a, Epilogue{Add: true})
		equalOrNone(t, "product", got, want)
	})
}

// Rows of a product do not depend on what else is in it.
func TestRowsOfRoundedProductsStandAlone(t *testing.T) {
	s := rng.New(64).Stream()
	a, p := inside(s, 190, 620), PackRoundedNT(inside(s, 70, 620))
	whole, cut := Of(make([]float32, 190*70), 190, 70), Of(make([]float32, 190*70), 190, 70)
	p.Mul(whole, a, Epilogue{})
	for _, size := range []int{1, 5, 17, 100} {
		for lo := 0; lo < 190; lo += size {
			hi := min(190, lo+size)
			p.Mul(cut.RowRange(lo, hi), a.RowRange(lo, hi), Epilogue{})
		}
		numtest.Same(t, fmt.Sprintf("%d rows at a time", size), cut.Data, whole.Data)
	}
}
