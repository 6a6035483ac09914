package kernel

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/par"
	"github.com/loramesh/loramesh/linalg/rng"
)

func draw(s *rng.Stream, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(s.Norm())
	}
	return x
}

// inside puts a matrix into a wider one, so that strides and neighbours are tested too.
func inside(s *rng.Stream, rows, cols int) Matrix {
	whole := Of(draw(s, (rows+1)*(cols+5)), rows+1, cols+5)
	return whole.RowRange(1, rows+1).ColRange(2, cols+2)
}

func (m Matrix) at(i, j int) float64 { return float64(m.Data[i*m.Stride+j]) }

func copyOf(m Matrix) Matrix {
	m.Data = append([]float32(nil), m.Data...)
	return m
}

// Each product against sums in float64, over all edges of the tiles, with and without
// adding; memory between the columns stays as it was.
func TestProductsEqualSums(t *testing.T) {
	s := rng.New(1).At("gemm").Stream()
	kinds := map[string]struct {
		run  func(c, a, b *Matrix, add bool)
		a, b func(i, j int) (int, int) // how to read the sides, given (row, k) and (k, column)
	}{
		"NT": {NT, func(i, p int) (int, int) { return i, p }, func(p, j int) (int, int) { return j, p }},
		"NN": {NN, func(i, p int) (int, int) { return i, p }, func(p, j int) (int, int) { return p, j }},
		"TN": {TN, func(i, p int) (int, int) { return p, i }, func(p, j int) (int, int) { return p, j }},
	}
	for name, k := range kinds {
		for _, n := range [][3]int{{1, 1, 1}, {3, 3, 4}, {4, 5, 7}, {2, 6, 1}, {7, 2, 33}, {8, 8, 8}, {6, 1, 5}, {1, 9, 2}, {3, 3, 0}, {0, 3, 2}, {2, 0, 2}} {
			rows, cols, mid := n[0], n[1], n[2]
			ar, ac := k.a(rows, mid)
			br, bc := k.b(mid, cols)
			a, b, c := inside(s, ar, ac), inside(s, br, bc), inside(s, rows, cols)
			for _, add := range []bool{false, true} {
				got := copyOf(c)
				k.run(&got, &a, &b, add)
				for i := range rows {
					for j := range cols {
						var want, size float64
						for p := range mid {
							ai, aj := k.a(i, p)
							bi, bj := k.b(p, j)
							want += a.at(ai, aj) * b.at(bi, bj)
							size += math.Abs(a.at(ai, aj) * b.at(bi, bj))
						}
						if add {
							want += c.at(i, j)
							size += math.Abs(c.at(i, j))
						}
						if d := math.Abs(got.at(i, j) - want); !(d <= float64(mid+1)*6e-8*size) {
							t.Errorf("%s %v add=%v: (%d,%d) is %g; want %g", name, n, add, i, j, got.at(i, j), want)
						}
					}
				}
				for i := range got.Data {
					if i%c.Stride >= cols && got.Data[i] != c.Data[i] {
						t.Errorf("%s %v: wrote beside the window at %d", name, n, i)
					}
				}
			}
		}
	}
}

// An element depends on its row and column alone: any cut of rows and columns, and any
// number of threads, gives the same bits.
func TestCutsCannotBeSeen(t *testing.T) {
	s := rng.New(2).At("cuts").Stream()
	const m, n, k = 17, 14, 29
	a, b, at, bt := Of(draw(s, m*k), m, k), Of(draw(s, n*k), n, k), Of(draw(s, k*m), k, m), Of(draw(s, k*n), k, n)
	products := map[string]func(c Matrix, lo, hi, left, right int){
		"NT": func(c Matrix, lo, hi, l, r int) { NT(&c, point(a.RowRange(lo, hi)), point(b.RowRange(l, r)), false) },
		"NN": func(c Matrix, lo, hi, l, r int) { NN(&c, point(a.RowRange(lo, hi)), point(bt.ColRange(l, r)), false) },
		"TN": func(c Matrix, lo, hi, l, r int) { TN(&c, point(at.ColRange(lo, hi)), point(bt.ColRange(l, r)), false) },
	}
	for name, product := range products {
		whole := Of(make([]float32, m*n), m, n)
		product(whole, 0, m, 0, n)
		for workers := 2; workers <= 6; workers++ {
			cut := Of(make([]float32, m*n), m, n)
			par.For(m, workers, func(lo, hi int) {
				for l := 0; l < n; l += workers {
					r := min(l+workers, n)
					product(cut.RowRange(lo, hi).ColRange(l, r), lo, hi, l, r)
				}
			})
			numtest.Same(t, name, cut.Data, whole.Data)
		}
	}
}

func TestShapesThatDoNotFitPanic(t *testing.T) {
	m := func(r, c int) Matrix { return Of(make([]float32, r*c), r, c) }
	for name, f := range map[string]func(){
		"NT": func() { NT(point(m(2, 3)), point(m(2, 4)), point(m(3, 5)), false) },
		"NN": func() { NN(point(m(2, 3)), point(m(2, 4)), point(m(5, 3)), false) },
		"TN": func() { TN(point(m(2, 3)), point(m(4, 2)), point(m(4, 2)), false) },
		"Of": func() { Of(make([]float32, 3), 2, 2) },
		"rows": func() {
			m(2, 2).RowRange(1, 3)
		},
		"columns": func() { m(2, 2).ColRange(2, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s did not panic", name)
				}
			}()
			f()
		}()
	}
}
