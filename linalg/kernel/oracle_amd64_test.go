//go:build amd64 && !purego

package kernel

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// The oracle: what the contract says, in plain loops over an exact fused multiply-add.
// The assembly must give its bits.

// fused is x·y+z, rounded once. The product is exact in float64; the sum is rounded to odd
// there, after which rounding to float32 cannot go wrong twice.
func fused(x, y, z float32) float32 {
	p, w := float64(x)*float64(y), float64(z)
	s := p + w
	t := s - p
	e := (p - (s - t)) + (w - t)
	if e != 0 && !math.IsInf(s, 0) && math.Float64bits(s)&1 == 0 {
		s = math.Nextafter(s, math.Inf(int(math.Copysign(1, e))))
	}
	return float32(s)
}

func TestFusedRoundsOnce(t *testing.T) {
	for _, c := range [][4]float32{{1 + 0x1p-12, 1 + 0x1p-12, -1, 0x1p-11 + 0x1p-24}, {1, 1, 0x1p-25, 1}, {0x1p-13 + 0x1p-24, 0x1p-11, 1, 1 + 0x1p-23}} {
		if got := fused(c[0], c[1], c[2]); got != c[3] {
			t.Errorf("%g·%g+%g = %.10g; want %.10g", c[0], c[1], c[2], got, c[3])
		}
	}
}

// oracle is any product by its definition.
func oracle(c, a, b Matrix, ta, tb, add bool) {
	k := a.Cols
	if ta {
		k = a.Rows
	}
	for i := range c.Rows {
		for j := range c.Cols {
			sum := c.start(i, j, add)
			for p := range k {
				x, y := a.Data[0:], b.Data[0:]
				if ta {
					x = x[p*a.Stride+i:]
				} else {
					x = x[i*a.Stride+p:]
				}
				if tb {
					y = y[j*b.Stride+p:]
				} else {
					y = y[p*b.Stride+j:]
				}
				sum = fused(x[0], y[0], sum)
			}
			c.put(i, j, sum)
		}
	}
}

// roads are the machines that this processor has.
func roads(t testing.TB) map[string]*machine {
	t.Helper()
	out := map[string]*machine{}
	have := available()
	if slices.Contains(have, roadAVX2) {
		out[roadAVX2] = &avx2
	}
	if slices.Contains(have, roadAVX512) {
		out[roadAVX512] = &avx512
	}
	if len(out) == 0 {
		t.Skip("this processor has no road of assembly")
	}
	return out
}

var oracleShapes = [][3]int{{1, 1, 1}, {1, 33, 5}, {2, 64, 17}, {3, 129, 31}, {4, 40, 16}, {5, 96, 3}, {6, 65, 64}, {7, 31, 70}, {13, 16, 32}, {14, 32, 4},
	{15, 17, 65}, {28, 48, 20}, {29, 47, 300}, {30, 12, 9}, {45, 8, 33}, {61, 3, 40}, {170, 33, 5}, {16, 16, 0}, {0, 4, 4}, {4, 0, 4}, {33, 70, 513}, {340, 70, 65},
	{40, 64, 64}, {33, 96, 60}, {31, 50, 130}, {29, 128, 128}, {64, 8, 16}, {16, 8, 64}}

func TestProductsAreTheOracles(t *testing.T) {
	s := rng.New(21).Stream()
	for road, f := range roads(t) {
		for _, n := range oracleShapes {
			for kind := range 3 {
				checkProduct(t, s, road, f, n, kind == 2, kind == 0)
			}
		}
	}
}

// Every length of a shared side that has kernels of its own, at every edge of a vector.
func TestShallowProductsAreTheOracles(t *testing.T) {
	s := rng.New(24).Stream()
	for road, f := range roads(t) {
		for k := 1; k <= 17; k++ {
			for _, cols := range []int{1, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 81} {
				for _, rows := range []int{1, 3, 18} {
					checkProduct(t, s, road, f, [3]int{rows, cols, k}, false, false)
				}
			}
		}
		checkProduct(t, s, road, f, [3]int{4099, 3, 2}, false, false)
	}
}

func checkProduct(t *testing.T, s *rng.Stream, road string, f *machine, n [3]int, ta, tb bool) {
	t.Helper()
	side := func(rows, cols int, turned bool) Matrix {
		if turned {
			rows, cols = cols, rows
		}
		return inside(s, rows, cols)
	}
	a, b, c := side(n[0], n[2], ta), side(n[2], n[1], tb), inside(s, n[0], n[1])
	for _, add := range []bool{false, true} {
		want, got := copyOf(c), copyOf(c)
		oracle(want, a, b, ta, tb, add)
		f.product32(&got, &a, &b, ta, tb, add)
		same(t, road, got, want)
		if ta && n[1] <= thinnest {
			got = copyOf(c)
			f.turned(&got, &a, &b, add)
			same(t, road+" turned", got, want)
		}
		if tb && n[2] > 0 {
			p := PackNT(b)
			got = copyOf(c)
			f.mul(p, &got, &a, 0, p.N, &Epilogue{Add: add})
			same(t, road+" packed", got, want)
			if add && n[0] > 0 && n[1] > 0 {
				rows := make([]int32, n[0])
				for i := range rows {
					rows[i] = int32(i)
				}
				got = copyOf(c)
				f.addRows(p, got, rows, a)
				same(t, road+" by rows", got, want)
			}
		}
	}
}

// Rows a whole multiple of 4096 bytes apart go by another way.
func TestRowsThatCompeteForLines(t *testing.T) {
	s := rng.New(22).Stream()
	for road, f := range roads(t) {
		a, b := Of(draw(s, 33*1024), 33, 1024).ColRange(0, 300), inside(s, 40, 300)
		want, got := Of(make([]float32, 33*40), 33, 40), Of(make([]float32, 33*40), 33, 40)
		oracle(want, a, b, false, true, false)
		f.product32(&got, &a, &b, false, true, false)
		same(t, road, got, want)
	}
}

func TestProducts64AreTheOracles(t *testing.T) {
	s := rng.New(23).Stream()
	wideOf := func(m Matrix) Matrix64 {
		out := Of64(wide(m.Data), 1, len(m.Data))
		return Matrix64{out.Data, m.Rows, m.Cols, m.Stride}
	}
	for road := range roads(t) {
		_, f := machines(road)
		for _, n := range oracleShapes {
			a, b, c := wideOf(inside(s, n[0], n[2])), wideOf(inside(s, n[1], n[2])), wideOf(inside(s, n[0], n[1]))
			want, got := slices.Clone(c.Data), c
			for i := range c.Rows {
				for j := range c.Cols {
					sum := c.Data[i*c.Stride+j]
					for p := range n[2] {
						sum = math.FMA(a.Data[i*a.Stride+p], b.Data[j*b.Stride+p], sum)
					}
					want[i*c.Stride+j] = sum
				}
			}
			f.product(sightOf(got, a, b))
			for i := range want {
				if math.Float64bits(want[i]) != math.Float64bits(got.Data[i]) {
					t.Fatalf("%s %v: number %d is %g; want %g", road, n, i, got.Data[i], want[i])
				}
			}
		}
	}
}

// Rows of float64 are added alike by every instruction set that is here, and call by call of those
// that are long.
func TestRowsAreAddedAlike(t *testing.T) {
	s := rng.New(25).Stream()
	for road := range roads(t) {
		_, f := machines(road)
		for _, n := range [][2]int{{1, 64}, {3, 7}, {5, 100}, {8, 128}, {2, 20011}, {300, 1025}} {
			m, by, got := Of64(wide(draw(s, n[0]*n[1])), n[0], n[1]), wide(draw(s, n[0])), wide(draw(s, n[1]))
			want := slices.Clone(got)
			done := f.addRows64(got, 0.3, by, m)
			for k, x := range by {
				for i, y := range m.Row(k)[:done] {
					want[i] += float64(float64(0.3*x) * y)
				}
			}
			if sameNumbers(t, road, got, want); n[1]-done >= f.lanes {
				t.Errorf("%s: of %d numbers %d were left", road, n[1], n[1]-done)
			}
		}
	}
}

// Numbers that are widened are added alike by every instruction set that is here.
func TestNumbersAreWidenedAlike(t *testing.T) {
	s := rng.New(26).Stream()
	for road := range roads(t) {
		_, f := machines(road)
		for _, n := range []int{0, 3, 64, 1027, 50003} {
			x, got := draw(s, n), wide(draw(s, n))
			want := slices.Clone(got)
			done := f.addWide(got, 0.3, x)
			for i, v := range x[:done] {
				want[i] += float64(0.3 * float64(v))
			}
			if sameNumbers(t, road, got, want); n-done >= f.lanes {
				t.Errorf("%s: of %d numbers %d were left", road, n, n-done)
			}
		}
	}
}

func sightOf(c, a, b Matrix64) *product {
	return &product{sight64(c), sight64(a), sight64(b), c.Rows, c.Cols, a.Cols, false, true, true, nil, nil}
}

// Thin products, by the definition of their sums.
func TestThinIsTheOracles(t *testing.T) {
	s := rng.New(24).Stream()
	for road, f := range roads(t) {
		for _, n := range [][3]int{{1, 1, 1}, {1, 1, 40}, {9, 1, 100}, {17, 2, 33}, {8, 3, 31}, {13, 4, 64}, {9, 5, 47}, {5, 6, 96}, {7, 7, 15}, {7, 8, 130}, {4, 16, 70}, {3, 21, 16}, {3, 2, 0}} {
			x, a, z := inside(s, n[0], n[2]), inside(s, n[1], n[2]), inside(s, n[0], n[1])
			want, got := copyOf(z), copyOf(z)
			for i := range want.Rows {
				for j := range want.Cols {
					var l sums
					for p := range n[2] {
						l[p%16] = fused(x.Data[i*x.Stride+p], a.Data[j*a.Stride+p], l[p%16])
					}
					want.put(i, j, l.tree()*0.75)
				}
			}
			f.thin(got, x, a, 0.75)
			same(t, road, got, want)
			rows := make([]int32, n[0])
			for i := range rows {
				rows[i] = int32(i)
			}
			got = copyOf(z)
			f.thinRows(got, x, rows, a, 0.75, nil)
			same(t, road+" listed", got, want)
		}
	}
}

// Both instruction sets give the same bits in every operation on rows.
func TestRowsAgree(t *testing.T) {
	if have := available(); !slices.Contains(have, roadAVX512) {
		t.Skip("this processor has one road of assembly only")
	}
	s := rng.New(25).Stream()
	for op := range rowOps {
		for _, n := range []int{1, 2, 7, 8, 15, 16, 17, 31, 33, 64, 100, 257} {
			room := 12*n + 140 // six rows of n+20, or as many heads of 2n
			data := draw(s, 10*room)
			for i := 0; i < len(data); i += 11 {
				data[i] *= 30
			}
			results := map[string][]float32{}
			for road, table := range map[string]*[rowOps]func(*byte){"256": &rowOps256, "512": &rowOps512} {
				mine := slices.Clone(data)
				args := rowArgs{n: n, rows: 6, step: uintptr(n+20) * 4, grow: 1, full: n + 8, far: uintptr(n+19) * 4}
				if op == opRotate {
					args.rows, args.full, args.step, args.far = 3, 2, uintptr(2*n)*4, uintptr(4*n)*4
				}
				for i := range args.p {
					args.p[i] = at(mine[i*room:])
				}
				if op == opAdamW { // second moments are not negative
					for i := range n {
						mine[3*room+i] *= mine[3*room+i]
					}
				}
				if op == opLossRows { // labels that lead, and others
					of := unsafe.Slice((*Labelled)(args.p[1]), args.rows)
					for i := range of {
						of[i] = Labelled{Label: i * n / args.rows, Weight: 0.3}
						if i%2 == 0 {
							of[i].Label = ArgMax(mine[i*(n+20):][:n])
						}
					}
				}
				args.f = [8]float32{0.5, 0.25, 1.5, 1e-3, 0.1, 0.9, 0.2, 0.3}
				table[op]((*byte)(unsafe.Pointer(&args)))
				results[road] = append(mine, args.out[:]...)
			}
			numtest.Same(t, fmt.Sprintf("operation %d, %d numbers", op, n), results["256"], results["512"])
		}
	}
}

// Epilogues of few rows, whose groups of columns are wide and whose last group is cut off
// anywhere, and of some tiles.
func TestEpiloguesAreTheOracles(t *testing.T) {
	s := rng.New(27).Stream()
	for road, f := range roads(t) {
		for _, rows := range []int{1, 2, 3, 4, 5, 6, 7, 14, 31} {
			for cols := 1; cols <= 70; cols++ {
				a, w, bias, times := inside(s, rows, 5), inside(s, cols, 5), draw(s, cols), inside(s, rows, cols)
				got := Of(make([]float32, rows*cols), rows, cols)
				want := copyOf(got)
				f.mul(PackNT(w), &got, &a, 0, cols, &Epilogue{Bias: bias, Times: times})
				oracle(want, a, w, false, true, false)
				for i := range rows {
					for j, x := range bias {
						want.Row(i)[j] = float32(want.Row(i)[j]+x) * times.Row(i)[j]
					}
				}
				same(t, fmt.Sprint(road, rows, cols), got, want)
			}
		}
	}
}

// Forks by each road, of tiles with steps enough to call for their ends on the way, and with
// too few.
func TestForksAreTheOracles(t *testing.T) {
	s := rng.New(28).Stream()
	for road, f := range roads(t) {
		for _, n := range [][3]int{{1, 1, 3}, {3, 70, 9}, {6, 33, 40}, {13, 64, 52}, {13, 40, 51}, {29, 17, 300}, {31, 81, 64}, {64, 48, 1100}, {170, 33, 70}} {
			rows, cols := n[0], n[1]
			a, w, fork, times := inside(s, rows, n[2]), inside(s, cols, n[2]), inside(s, rows, 2*cols), inside(s, rows, cols)
			got, plain := inside(s, rows, 2*cols), Of(make([]float32, rows*cols), rows, cols)
			want := copyOf(got)
			f.mul(PackNT(w), &got, &a, 0, cols, &Epilogue{Fork: fork, Times: times})
			oracle(plain, a, w, false, true, false)
			for i := range rows {
				for j, x := range plain.Row(i) {
					want.Row(i)[cols+j] = x * fork.Row(i)[j]
					want.Row(i)[j] = float32(x*fork.Row(i)[cols+j]) * times.Row(i)[j]
				}
			}
			same(t, fmt.Sprint(road, n), got, want)
		}
	}
}
