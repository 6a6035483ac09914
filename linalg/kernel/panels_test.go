package kernel

import (
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
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
			NT(want, a, w, add)
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

			NT(want, z, b, true)
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
		NT(want, a, w, true)
		p.Mul(got, a, Epilogue{Onto: onto})
		for i := range m {
			linalgtest.Same(t, "residual", got.Row(i), want.Row(i))
		}
		if k > 0 {
			linalgtest.Same(t, "unpacked", p.Unpack().Row(cols-1), w.Row(cols-1))
		}
	}
}

func same(t *testing.T, what string, got, want Matrix) {
	t.Helper()
	linalgtest.Same(t, what+" "+want.String(), got.Data, want.Data)
}

func copyInto(to, from Matrix) {
	for i := range to.Rows {
		copy(to.Row(i), from.Row(i))
	}
}
