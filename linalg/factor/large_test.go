package factor

import (
	"math"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

// spectrum is a matrix of orthonormal directions with these singular values.
func spectrum(t *testing.T, name string, sigma []float64) linalg.Dense {
	t.Helper()
	n := len(sigma)
	u, _, err := QR(random(name+" left", n, n))
	if err != nil {
		t.Fatal(err)
	}
	v, _, err := QR(random(name+" right", n, n))
	if err != nil {
		t.Fatal(err)
	}
	return SVD{u, sigma, v}.Product()
}

// filled is n values of a function.
func filled(n int, f func(i int) float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = f(i)
	}
	return x
}

// Large matrices of every kind of spectrum: decompositions, with the singular values of
// LAPACK's QR iteration, and the same bits whoever shares in the work.
func TestLargeSVD(t *testing.T) {
	const n = 230
	for name, sigma := range map[string][]float64{
		"random":    nil,
		"geometric": filled(n, func(i int) float64 { return math.Pow(0.85, float64(i)) }),
		"equal":     filled(n, func(int) float64 { return 3 }),
		"clusters":  filled(n, func(i int) float64 { return []float64{1, 1 + 1e-14, 2, 1e-9}[i%4] }),
		"low rank":  filled(n, func(i int) float64 { return max(0, float64(40-i)) }),
		"noughts":   filled(n, func(int) float64 { return 0 }),
		"one":       filled(n, func(i int) float64 { return float64(1 - min(i, 1)) }),
		"tiny":      filled(n, func(i int) float64 { return 1e-180 / float64(1+i) }),
		"huge":      filled(n, func(i int) float64 { return 1e+150 / float64(1+i) }),
		"arrow":     filled(n, func(i int) float64 { return 1 + float64(i)*1e-8 }),
	} {
		if testing.Short() && name != "random" && name != "clusters" && name != "noughts" {
			continue
		}
		a := random("large", n, n)
		if sigma != nil {
			a = spectrum(t, name, sigma)
		}
		d, err := Decompose(a)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkSVD(t, d, a)
		want, err := small(a)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range d.Sigma {
			if off := math.Abs(s - want.Sigma[i]); off > 2e-14*want.Sigma[0] {
				t.Errorf("%s: singular value %d is %g, %.2g away", name, i, s, off)
				break
			}
		}
		one, err := large(a.Scaled(1), all, 1)
		if err != nil {
			t.Fatal(err)
		}
		two, err := large(a.Scaled(1), all, 3)
		if err != nil || !reflect.DeepEqual(one, two) {
			t.Errorf("%s: with more workers it is another (%v)", name, err)
		}
	}
}

// Bidiagonal matrices that are hard: noughts on and above the diagonal, graded both ways, and
// of one column more than rows.
func TestConquer(t *testing.T) {
	const n = 201
	for name, f := range map[string]func(i int) (d, e float64){
		"ones":        func(int) (float64, float64) { return 1, 1 },
		"no diagonal": func(int) (float64, float64) { return 0, 1 },
		"diagonal":    func(i int) (float64, float64) { return float64(i % 7), 0 },
		"graded down": func(i int) (float64, float64) { x := math.Pow(0.8, float64(i)); return x, x },
		"graded up":   func(i int) (float64, float64) { x := math.Pow(0.8, float64(n-i)); return x, x },
		"holes":       func(i int) (float64, float64) { return float64(i % 5), float64(i % 3) },
		"glued":       func(i int) (float64, float64) { return math.Abs(float64(i%21 - 10)), []float64{1, 1e-12}[(i%21)/20] },
		"negative":    func(i int) (float64, float64) { return float64(1 - 2*(i%2)), -0.5 },
	} {
		for more := range 2 {
			var d, e []float64
			b := linalg.NewDense(n, n+more)
			for i := range n {
				x, y := f(i)
				d, b.Row(i)[i] = append(d, x), x
				if i+1 < n+more {
					e, b.Row(i)[i+1] = append(e, y), y
				}
			}
			c, err := conquer(d, e, 2)
			if err != nil {
				t.Errorf("%s, %d more: %v", name, more, err)
				continue
			}
			v := linalg.Dense{Rows: n, Cols: n + more, Data: c.v.Data[:n*(n+more)]}
			if off := away(SVD{c.u.T(), c.sigma, v.T()}.Product(), b); off > 1e-13 {
				t.Errorf("%s, %d more: the product is %.2g away", name, more, off)
			}
			for _, m := range []linalg.Dense{c.u, c.v} {
				if off := away(linalg.Mul(m, m.T()), unit(m.Rows)); off > 1e-13 {
					t.Errorf("%s, %d more: vectors are %.2g away from orthonormal", name, more, off)
				}
			}
		}
	}
}

// A cut by the values themselves, of a product whose core is large and of one whose core is
// not, is the leading part of the whole.
func TestProductCut(t *testing.T) {
	for _, rank := range []int{30, 210} {
		b, a := random("left", 260, rank), random("right", rank, 250)
		whole, err := ProductSVD(b, a)
		if err != nil {
			t.Fatal(err)
		}
		checkSVD(t, whole, linalg.Mul(b, a))
		half := func(sigma []float64) int {
			if len(sigma) != rank {
				t.Errorf("%d values are shown of %d", len(sigma), rank)
			}
			return len(sigma) / 2
		}
		cut, err := ProductCut(b, a, half, 2)
		if err != nil {
			t.Fatal(err)
		}
		if off := away(cut.Product(), whole.Top(rank/2).Product()); off > 1e-13 || len(cut.Sigma) != rank/2 {
			t.Errorf("rank %d: %d values are kept, %.2g away", rank, len(cut.Sigma), off)
		}
	}
}
