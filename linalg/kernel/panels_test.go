package kernel

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Packed or not, by columns or whole, fused or in two calls: the same bits.
func TestPanelsHaveTheBitsOfPlainProducts(t *testing.T) {
	s := rng.New(11).Stream()
	for _, n := range [][4]int{{1, 1, 1, 1}, {3, 5, 7, 2}, {14, 32, 16, 4}, {17, 33, 29, 8}, {29, 64, 300, 3}, {31, 97, 5, 17}, {2, 130, 600, 1}, {0, 40, 3, 2}, {5, 40, 0, 2}} {
		m, cols, k, r := n[0], n[1], n[2], n[3]
		a, w, c, onto := inside(s, m, k), inside(s, cols, k), inside(s, m, cols), inside(s, m, cols)
		z, b, bias := inside(s, m, r), inside(s, cols, r), draw(s, cols)
		p := PackNT(w)
		for _, add := range []bool{false, true} {
			want, got := copyOf(c), copyOf(c)
			NT(&want, &a, &w, add)
			p.Mul(got, a, Epilogue{Add: add})
			same(t, "packed", got, want)

			other := Of(make([]float32, k*cols), k, cols)
			for j := range cols {
				for q := range k {
					other.Data[q*cols+j] = w.Data[j*w.Stride+q]
				}
			}
			got = copyOf(c)
			PackNN(other).Mul(got, a, Epilogue{Add: add})
			same(t, "packed from columns", got, want)

			NT(&want, &z, &b, true)
			for i := range m {
				Add(want.Row(i), bias)
			}
			got = copyOf(c)
			p.Mul(got, a, Epilogue{Add: add, Low: PackNT(b), LowIn: z, Bias: bias})
			same(t, "fused", got, want)
			for lo := 0; lo < cols; lo += 32 {
				part := got.ColRange(lo, min(lo+32, cols))
				copyInto(part, c.ColRange(lo, min(lo+32, cols)))
				p.MulCols(&part, &a, lo, min(lo+32, cols), &Epilogue{Add: add, Low: PackNT(b.RowRange(lo, min(lo+32, cols))), LowIn: z, Bias: bias[lo:min(lo+32, cols)]})
			}
			same(t, "by columns", got, want)
		}
		want, got := copyOf(onto), copyOf(c)
		NT(&want, &a, &w, true)
		p.Mul(got, a, Epilogue{Onto: onto})
		for i := range m {
			numtest.Same(t, "residual", got.Row(i), want.Row(i))
		}
		if k > 0 {
			numtest.Same(t, "unpacked", p.Unpack().Row(cols-1), w.Row(cols-1))
		}
	}
}

// A product that forks is one that does not, and what is multiplied then, in every format of
// panels.
func TestForkedProductsAreTwo(t *testing.T) {
	s := rng.New(12).Stream()
	a, w, z, b := inside(s, 17, 70), inside(s, 45, 70), inside(s, 17, 3), PackNT(inside(s, 45, 3))
	fork, times := inside(s, 17, 90), inside(s, 17, 45)
	for name, p := range map[string]*Panels{"float32": PackNT(w), "bfloat16": PackNT16(draw16(s, 45, 70, BFloat16)), "rounded": PackRoundedNT(w), "halves": halved(w)} {
		for _, e := range []Epilogue{{}, {Low: b, LowIn: z, Times: times}} {
			got, want := inside(s, 17, 90), inside(s, 17, 90)
			left := want.ColRange(0, 45)
			p.Mul(left, a, Epilogue{Low: e.Low, LowIn: e.LowIn})
			Multiply(want.ColRange(45, 90), left, fork.ColRange(0, 45))
			Multiply(left, left, fork.ColRange(45, 90))
			if e.Times.Data != nil {
				Multiply(left, left, times)
			}
			e.Fork = fork
			p.Mul(got, a, e)
			for i := range want.Rows {
				numtest.Same(t, name, got.Row(i), want.Row(i))
			}
		}
	}
}

func same(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	numtest.Same(t, what+" "+want.String(), got.Data, want.Data)
}

func copyInto(to, from Matrix) {
	for i := range to.Rows {
		copy(to.Row(i), from.Row(i))
	}
}
