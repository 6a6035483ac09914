package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// halved is w packed for products of halves.
func halved(w Matrix) *Panels {
	bits := make([]uint16, 0, w.Rows*w.Cols)
	for i := range w.Rows {
		for _, x := range w.Row(i) {
			bits = append(bits, halfBits(x))
		}
	}
	return PackNT16(Of16(bits, w.Rows, w.Cols, Float16)).RoundLeft()
}

// halfBits are the bits of the half that is nearest, found by trying.
func halfBits(x float32) uint16 {
	r := RoundHalf(x)
	size := math.Float32bits(r) &^ signBit
	sign := uint16(math.Float32bits(r) >> 16 & 0x8000)
	if size >= 0x38800000 {
		return sign | uint16(size>>13-112<<10)
	}
	return sign | uint16(float64(math.Float32frombits(size))*0x1p24)
}

// Every half is its own rounding; between two neighbours the middle goes to the even one, and
// what is beside it to the nearer.
func TestRoundHalf(t *testing.T) {
	for b := range uint16(0x7c00) {
		for _, sign := range []uint16{0, 0x8000} {
			x := Float16.Widen(b | sign)
			if got := RoundHalf(x); math.Float32bits(got) != math.Float32bits(x) {
				t.Fatalf("%g is rounded to %g", x, got)
			}
			if got := halfBits(x); got != b|sign {
				t.Fatalf("%g has the bits %#04x, not %#04x", x, got, b|sign)
			}
			next := float32(65536)
			if b+1 < 0x7c00 {
				next = Float16.Widen(b + 1)
			}
			even := Float16.Widen(b &^ sign)
			low := even
			if b&1 == 1 {
				even = next
			}
			middle := (low + next) / 2 // exact
			if next == 65536 {
				next = float32(math.Inf(1))
				even = next
			}
			minus := float32(1)
			if sign != 0 {
				minus = -1
			}
			for _, c := range [][2]float32{{middle, even}, {math.Nextafter32(middle, 0), low}, {math.Nextafter32(middle, 1e9), next}} {
				if got := RoundHalf(minus * c[0]); got != minus*c[1] {
					t.Fatalf("%g is rounded to %g; want %g", minus*c[0], got, minus*c[1])
				}
			}
		}
	}
	for _, x := range []float32{float32(math.Inf(1)), 1e30, 65520} {
		if got := RoundHalf(-x); !math.IsInf(float64(got), -1) {
			t.Errorf("%g is rounded to %g", -x, got)
		}
	}
	if got := RoundHalf(float32(math.NaN())); got == got {
		t.Errorf("what is no number is rounded to %g", got)
	}
}

// A product of halves is, on every road, the chain of float32 sums over the rounded numbers,
// and then what float32 does; panels turned are those of the matrix turned.
func TestProductsOfHalvesHaveOneResult(t *testing.T) {
	s := rng.New(91).Stream()
	for _, n := range append(roundedShapes, [4]int{2, 40, 20_000, 2}) {
		m, cols, k, r := n[0], n[1], n[2], n[3]
		w, a, c := inside(s, cols, k), inside(s, m, k), inside(s, m, cols)
		p := halved(w)
		onto, z, b, times, bias := inside(s, m, cols), inside(s, m, r), inside(s, cols, r), inside(s, m, cols), draw(s, cols)
		for i, e := range []Epilogue{{}, {Add: true}, {Onto: onto}, {Bias: bias}, {Onto: onto, Low: PackNT(b), LowIn: z, Bias: bias}, {Bias: bias, Times: times}, {Add: true, Low: PackNT(b), LowIn: z, Times: times}} {
			want, got := copyOf(c), copyOf(c)
			byHalves(want, a, w, e)
			p.Mul(got, a, e)
			equalOrNone(t, fmt.Sprint(n, " epilogue ", i), got, want)
		}
		back := p.Turned()
		if back.Format() != RoundedHalf {
			t.Fatalf("turned panels hold %v", back.Format())
		}
		turned := Of(make([]float32, k*cols), k, cols)
		for i := range cols {
			for j, x := range w.Row(i) {
				turned.Row(j)[i] = x
			}
		}
		want, got := Of(make([]float32, m*k), m, k), Of(make([]float32, m*k), m, k)
		byHalves(want, c, turned, Epilogue{})
		back.Mul(got, c, Epilogue{})
		equalOrNone(t, "turned", got, want)
	}
}

// byHalves is c = a·wᵀ by its definition.
func byHalves(c, a, w Matrix, e Epilogue) {
	for i := range c.Rows {
		for j := range c.Row(i) {
			sum := c.Row(i)[j]
			if e.Onto.Data != nil {
				sum = e.Onto.Row(i)[j]
			} else if !e.Add {
				sum = 0
			}
			for k, x := range a.Row(i) {
				sum = float32(float64(sum) + float64(RoundHalf(x))*float64(RoundHalf(w.Row(j)[k]))) // one rounding: the product is exact
			}
			c.Row(i)[j] = sum
		}
	}
	if e.Low != nil && e.Low.K > 0 {
		e.Low.Mul(c, e.LowIn, Epilogue{Add: true, Bias: e.Bias, Times: e.Times})
		return
	}
	last(c, e)
}

// Rows of a product do not depend on what else is in it.
func TestRowsOfProductsOfHalvesStandAlone(t *testing.T) {
	s := rng.New(92).Stream()
	a, p := inside(s, 190, 620), halved(inside(s, 70, 620))
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
