package factor

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

// Without vectors there are the same singular values, to the last bit: of matrices of every
// shape that is taken another way, of any size of numbers, and where values coincide or are 0.
func TestSingularValuesAreThoseOfTheDecomposition(t *testing.T) {
	same := func(name string, a linalg.Dense) {
		t.Helper()
		want, err := Decompose(a)
		got, err2 := Singular(a)
		if err != nil || err2 != nil || !slices.Equal(got, want.Sigma) {
			t.Errorf("%s, %d×%d: %v, expected %v (%v, %v)", name, a.Rows, a.Cols, got, want.Sigma, err2, err)
		}
	}
	sizes := slices.Concat(shapes, [][2]int{{0, 3}, {2, 1}, {2, 2}, {3, 3}, {31, 31}, {64, 64}, {65, 64}, {70, 41}, {33, 128}, {128, 128}, {131, 300}, {192, 192}, {193, 193}})
	for _, s := range sizes {
		a := random("singular", s[0], s[1])
		for _, c := range []float64{1, 1e-100, 1e120, 1e-150, 1e150, 0} {
			same("random", a.Scaled(c))
		}
		thin := linalg.Mul(random("b", s[0], 3), random("a", 3, s[1]))
		same("of rank 3", thin)
		thin.Add(1e-9, a)
		same("almost of rank 3", thin)
	}
	same("unit", unit(50))
	graded := random("graded", 60, 60)
	for i := range 60 {
		for j := range graded.Row(i) {
			graded.Row(i)[j] *= math.Pow(2, float64(-i))
		}
	}
	same("graded", graded)
	if _, err := Singular(linalg.Dense{Rows: 1, Cols: 1, Data: []float64{math.NaN()}}); !errors.Is(err, ErrNotFinite) {
		t.Errorf("of NaN: %v", err)
	}
}

// Of a product, too: thin ones, those of a rank above one side or both, and large ones.
func TestSingularValuesOfAProductAreThoseOfItsDecomposition(t *testing.T) {
	for _, s := range [][3]int{{0, 0, 3}, {7, 0, 5}, {1, 1, 1}, {40, 3, 50}, {50, 40, 30}, {30, 60, 20}, {20, 30, 40}, {128, 128, 344}, {210, 200, 300}} {
		b, a := random("left", s[0], s[1]), random("right", s[1], s[2])
		for _, c := range []float64{1, 1e-200, 1e150, 0} {
			b, a := b.Scaled(c), a.Scaled(1/max(c, 1e-100))
			want, err := ProductSVD(b, a)
			got, err2 := ProductSingular(b, a)
			if err != nil || err2 != nil || !slices.Equal(got, want.Sigma) {
				t.Errorf("%v times %g: %v, expected %v (%v, %v)", s, c, got, want.Sigma, err2, err)
			}
		}
	}
	nan := linalg.Dense{Rows: 1, Cols: 1, Data: []float64{math.NaN()}}
	if _, err := ProductSingular(nan, nan); !errors.Is(err, ErrNotFinite) {
		t.Errorf("of NaN: %v", err)
	}
}
