package factor

import (
	"errors"
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// random is a matrix of normal numbers.
func random(name string, rows, cols int) linalg.Dense {
	s := rng.New(1).At(name, rows, cols).Stream()
	m := linalg.NewDense(rows, cols)
	for i := range m.Data {
		m.Data[i] = s.Norm()
	}
	return m
}

// away is ‖x − y‖ / ‖y‖, or ‖x‖ where y is 0.
func away(x, y linalg.Dense) float64 {
	off := x.Scaled(1)
	off.Add(-1, y)
	if n := linalg.Norm(y.Data); n > 0 {
		return linalg.Norm(off.Data) / n
	}
	return linalg.Norm(off.Data)
}

func unit(n int) linalg.Dense {
	m := linalg.NewDense(n, n)
	for i := range n {
		m.Data[i*n+i] = 1
	}
	return m
}

var shapes = [][2]int{{1, 1}, {5, 1}, {1, 5}, {7, 4}, {4, 7}, {6, 6}, {80, 40}}

func TestQRIsAFactorisation(t *testing.T) {
	for _, s := range shapes {
		a := random("qr", s[0], s[1])
		q, r, err := QR(a)
		if err != nil {
			t.Fatal(err)
		}
		k := min(s[0], s[1])
		if d := away(linalg.Mul(q, r), a); d > 1e-14 {
			t.Errorf("%v: q·r is %.2g away", s, d)
		}
		if d := away(linalg.Mul(q.T(), q), unit(k)); d > 1e-14 {
			t.Errorf("%v: qᵀ·q is %.2g away from 1", s, d)
		}
		for i := range r.Rows {
			for j := range i {
				if r.At(i, j) != 0 {
					t.Errorf("%v: r is not triangular at %d, %d", s, i, j)
				}
			}
		}
	}
}

func TestSVDIsADecompositionWithSigns(t *testing.T) {
	for _, s := range shapes {
		a := random("svd", s[0], s[1])
		d, err := Decompose(a)
		if err != nil {
			t.Fatal(err)
		}
		checkSVD(t, d, a)
		b, c := random("left", s[0], 3), random("right", 3, s[1])
		p, err := ProductSVD(b, c)
		if err != nil {
			t.Fatal(err)
		}
		checkSVD(t, p, linalg.Mul(b, c))
	}
}

func checkSVD(t *testing.T, d SVD, a linalg.Dense) {
	t.Helper()
	if off := away(d.Product(), a); off > 1e-13 {
		t.Errorf("%d×%d: the product is %.2g away", a.Rows, a.Cols, off)
	}
	for _, m := range []linalg.Dense{d.U, d.V} {
		if off := away(linalg.Mul(m.T(), m), unit(m.Cols)); off > 1e-13 {
			t.Errorf("%d×%d: vectors are %.2g away from orthonormal", a.Rows, a.Cols, off)
		}
	}
	for j, s := range d.Sigma {
		if s < 0 || j > 0 && s > d.Sigma[j-1] {
			t.Errorf("%d×%d: singular values %v", a.Rows, a.Cols, d.Sigma)
		}
		var top float64
		for i := range d.U.Rows {
			if math.Abs(d.U.At(i, j)) > math.Abs(top) {
				top = d.U.At(i, j)
			}
		}
		if top < 0 {
			t.Errorf("%d×%d: the largest entry of left vector %d is %v", a.Rows, a.Cols, j, top)
		}
	}
	if off := math.Abs(d.Tail(0) - linalg.Norm(a.Data)); off > 1e-13*linalg.Norm(a.Data) {
		t.Errorf("%d×%d: the norm is %.2g off", a.Rows, a.Cols, off)
	}
}

func TestFactorisationsRefuseWhatIsNotFinite(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		a := random("bad", 3, 3)
		a.Data[4] = bad
		_, _, qr := QR(a)
		_, svd := Decompose(a)
		_, product := ProductSVD(a, unit(3))
		for name, err := range map[string]error{"QR": qr, "Decompose": svd, "ProductSVD": product} {
			if !errors.Is(err, ErrNotFinite) {
				t.Errorf("%s of a matrix with %v: %v", name, bad, err)
			}
		}
	}
}

func TestNothingIsAMatrixToo(t *testing.T) {
	d, err := ProductSVD(linalg.NewDense(4, 0), linalg.NewDense(0, 3))
	if err != nil || len(d.Sigma) != 0 || away(d.Product(), linalg.NewDense(4, 3)) != 0 {
		t.Errorf("the product of rank 0: %v, %v", d, err)
	}
}

// Of equal singular values, the order is that of the rows in which the vectors are largest.
func TestEqualSingularValuesHaveAnOrder(t *testing.T) {
	a := linalg.NewDense(4, 4)
	for i, j := range []int{2, 0, 3, 1} { // a permutation: all singular values are 1
		a.Data[i*4+j] = 1
	}
	d, err := Decompose(a)
	if err != nil {
		t.Fatal(err)
	}
	if off := away(d.U, unit(4)); off != 0 {
		t.Errorf("the left vectors are %v, expected the unit vectors in order", d.U.Data)
	}
	checkSVD(t, d, a)
}
