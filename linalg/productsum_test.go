package linalg

import (
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// The sum is one and the same whether it is held as factors or as a matrix; it becomes
// one exactly where factors would be larger.
func TestProductSumChangesFormNotValue(t *testing.T) {
	const rows, cols = 12, 10
	factors := ProductSum{KeepFactors: true}
	var small ProductSum
	want := NewDense(rows, cols)
	for k := range 6 {
		b, a := random("b", rows, 1+k%3), random("a", 1+k%3, cols)
		w := 0.1 * float64(k+1)
		factors.Add(w, b, a)
		small.Add(w, b, a)
		want.Add(w, Mul(b, a))
		if larger := small.Rank()*(rows+cols) > rows*cols; small.IsDense() != larger {
			t.Errorf("rank %d: dense is %v", small.Rank(), small.IsDense())
		}
		for name, got := range map[string]Dense{"factors": factors.Dense(), "small": small.Dense()} {
			if d := away(got, want); d > 1e-15 {
				t.Errorf("%s after %d: %.2g away", name, k+1, d)
			}
		}
	}
	b, a, ok := factors.Factors()
	if !ok || away(Mul(b, a), want) > 1e-15 {
		t.Error("the factors are not those of the sum")
	}
	if d := math.Abs(factors.Norm() - Norm(want.Data)); d > 1e-14*Norm(want.Data) {
		t.Errorf("the norm is %.2g off", d)
	}
	if _, _, ok := small.Factors(); ok {
		t.Error("a dense sum has no factors")
	}
}

func TestProductSumCancelsInFull(t *testing.T) {
	b, a := random("b", 30, 4), random("a", 4, 20)
	var sum ProductSum
	sum.Add(1, b, a)
	sum.Add(-1, b, a)
	if n := sum.Norm(); n != 0 {
		t.Errorf("x − x has norm %v", n)
	}
	sum.AddDense(1e-9, Mul(b, a))
	if n, want := sum.Norm(), 1e-9*Norm(Mul(b, a).Data); math.Abs(n-want) > 1e-14*want {
		t.Errorf("what is left has norm %v, expected %v", n, want)
	}
}

func TestProductSumPanicsOnShapes(t *testing.T) {
	for name, f := range map[string]func(){
		"inner": func() { new(ProductSum).Add(1, NewDense(3, 2), NewDense(3, 3)) },
		"outer": func() {
			var s ProductSum
			s.Add(1, NewDense(3, 2), NewDense(2, 3))
			s.Add(1, NewDense(4, 2), NewDense(2, 3))
		},
		"widen": func() { Widen(2, 2, make([]float32, 3)) },
		"mul":   func() { Mul(NewDense(2, 3), NewDense(2, 3)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: went through", name)
				}
			}()
			f()
		}()
	}
}

func TestNormNeitherOverflowsNorVanishes(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{{3e200, 5e200}, {3e-200, 5e-200}, {0, 0}, {math.Inf(1), math.Inf(1)}} {
		if got := Norm([]float64{c.x, c.x / 3 * 4}); got != c.want && math.Abs(got/c.want-1) > 1e-15 {
			t.Errorf("norm of (%v, 4/3 of it) is %v, expected %v", c.x, got, c.want)
		}
	}
	if !math.IsNaN(Norm([]float64{1, math.NaN(), math.Inf(1)})) {
		t.Error("NaN is lost")
	}
}

// random is a matrix of normal numbers.
func random(name string, rows, cols int) Dense {
	s := rng.New(1).At(name, rows, cols).Stream()
	m := NewDense(rows, cols)
	for i := range m.Data {
		m.Data[i] = s.Norm()
	}
	return m
}

// away is ‖x − y‖ / ‖y‖, or ‖x‖ where y is 0.
func away(x, y Dense) float64 {
	off := x.Scaled(1)
	off.Add(-1, y)
	if n := Norm(y.Data); n > 0 {
		return Norm(off.Data) / n
	}
	return Norm(off.Data)
}

// A row times a matrix is summed term by term, whatever of it is held in registers.
func TestRowsAreAddedInOrder(t *testing.T) {
	for n := range 10 {
		row, m := random("row", 1, n).Data, random("m", n, 7)
		got, want := make([]float64, 7), make([]float64, 7)
		addRowTimes(got, 0.3, row, m)
		for k, x := range row {
			for j, y := range m.Row(k) {
				want[j] += float64(float64(0.3*x) * y)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d terms: %v, expected %v", n, got, want)
		}
	}
}

// A product that goes to several sums, and sums with the other sign, have the bits of what was
// added to each alone, as factors and as matrices.
func TestSharedAndNegatedSums(t *testing.T) {
	const rows, cols = 12, 10
	for n := range 8 {
		var alone, one, less ProductSum
		two := ProductSum{KeepFactors: true}
		for k := range n {
			b, a := random("b", rows, 1+k%3), random("a", 1+k%3, cols)
			w := 0.1 * float64(k+1)
			AddProduct(w, b, a, &one, &two)
			alone.Add(w, b, a)
			less.Add(-w, b, a)
		}
		turned := one.Negated()
		b, a := random("last b", rows, 2), random("last a", 2, cols)
		AddProduct(0.7, b, a, turned, &less)
		if !slices.Equal(one.Dense().Data, alone.Dense().Data) || two.IsDense() || one.IsDense() != alone.IsDense() || one.Rank() != alone.Rank() {
			t.Errorf("%d products to two sums are not what they are to one", n)
		}
		if !slices.Equal(turned.Dense().Data, less.Dense().Data) || turned.Norm() != less.Norm() {
			t.Errorf("%d products with the other sign have other bits", n)
		}
	}
}
