package kernel

import (
	"fmt"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Rows that get a product wherever they lie have the bits of one product a row, and the
// others stay as they were.
func TestAddRowsIsAProductForEach(t *testing.T) {
	for _, cols := range []int{1, 15, 31, 32, 33, 64, 100, 128, 200, 515} {
		for _, k := range []int{1, 2, 8, 17, 300} {
			s := rng.New(uint64(cols*1000 + k)).At("rows").Stream()
			p := PackNT(Of(draw(s, cols*k), cols, k))
			for _, rows := range [][]int32{{7}, {7, 0}, {7, 0, 3}, {7, 0, 3, 8}, {8, 7, 6, 0, 1, 5, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8}} {
				c, a := inside(s, 9, cols), inside(s, len(rows), k)
				want := copyOf(c)
				for i, row := range rows {
					p.Mul(want.RowRange(int(row), int(row)+1), a.RowRange(i, i+1), Epilogue{Add: true})
				}
				p.AddRows(c, rows, a)
				numtest.Same(t, fmt.Sprintf("%d columns of %d", cols, k), c.Data, want.Data)
			}
		}
	}
}

// Thin products of listed rows have the bits of ThinNT.
func TestThinRowsIsAThinProductForEach(t *testing.T) {
	s := rng.New(41).Stream()
	for _, n := range []int{1, 5, 16, 31, 64, 100, 130} {
		for cols := 1; cols <= 19; cols++ {
			for m := 1; m <= 13; m += 4 {
				x, a, z := inside(s, 20, n), inside(s, cols, n), inside(s, m, cols)
				rows, times := make([]int32, m), draw(s, m)
				for i := range rows {
					rows[i] = int32(i * 7 % 20)
				}
				want := copyOf(z)
				for i, row := range rows {
					ThinNT(want.RowRange(i, i+1), x.RowRange(int(row), int(row)+1), a, 0.75)
				}
				got := copyOf(z)
				ThinRows(got, x, rows, a, 0.75, nil)
				same(t, "plain", got, want)
				for i := range rows {
					Scale(want.Row(i), times[i])
				}
				ThinRows(got, x, rows, a, 0.75, times)
				same(t, "weighed", got, want)
			}
		}
	}
}

// TopTwo is what a sort gives, of any numbers, by every road.
func TestTopTwo(t *testing.T) {
	s := rng.New(42).Stream()
	odd := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1, 1, -1, 5e-39, -math.MaxFloat32}
	for n := 2; n <= 70; n++ {
		x := inside(s, 5, n)
		for i := range 3 {
			for j := range x.Row(i) {
				if i < 2 && s.IntN(2) == 0 {
					x.Row(i)[j] = odd[s.IntN(len(odd))]
				} else if i == 2 {
					x.Row(i)[j] = float32(s.IntN(3))
				}
			}
		}
		got := make([]int32, 2*5)
		TopTwo(got, x)
		for i := range x.Rows {
			first, second := topTwo(x.Row(i))
			if got[2*i] != first || got[2*i+1] != second {
				t.Fatalf("%v: %d and %d; expected %d and %d", x.Row(i), got[2*i], got[2*i+1], first, second)
			}
		}
	}
	for _, c := range []struct {
		row           []float32
		first, second int32
	}{{[]float32{1, 1, 1}, 0, 1}, {[]float32{0, 2, 3, 3, 2}, 2, 3}, {[]float32{float32(math.Copysign(0, -1)), 0}, 0, 1}, {[]float32{-3, -2, -1}, 2, 1}} {
		if a, b := topTwo(c.row); a != c.first || b != c.second {
			t.Errorf("%v: %d and %d; expected %d and %d", c.row, a, b, c.first, c.second)
		}
	}
}

// What is asked for comes sooner and is no other: of any length, also none.
func TestAskChangesNothing(t *testing.T) {
	for _, n := range []int{0, 1, 16, 17, 1000} {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(i)
		}
		Ask(x)
		(&Panels{}).Ask()
		for i, v := range x {
			if v != float32(i) {
				t.Fatalf("number %d of %d is %g", i, n, v)
			}
		}
	}
}
