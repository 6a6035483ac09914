package factor

import (
	"math"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Passes bring the top triples of a decaying spectrum near those of the whole decomposition.
func TestTopSVD(t *testing.T) {
	a := linalg.NewDense(90, 70)
	for j := range 70 {
		u, v := random("u", 90, 1+j).Columns(j, j+1), random("v", 70, 1+j).Columns(j, j+1)
		a.Add(1/float64((j+1)*(j+1))/linalg.Norm(u.Data)/linalg.Norm(v.Data), linalg.Mul(u, v.T()))
	}
	whole, err := Decompose(a)
	if err != nil {
		t.Fatal(err)
	}
	for passes, near := range map[int]float64{2: 1e-3, 6: 1e-8} {
		d, err := TopSVD(a, 4, passes, rng.New(3))
		if err != nil {
			t.Fatal(err)
		}
		again, err := TopSVD(a, 4, passes, rng.New(3))
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%d passes: made again, it is another (%v)", passes, err)
		}
		if len(d.Sigma) != 4 {
			t.Fatalf("%d triples, expected 4", len(d.Sigma))
		}
		for i, s := range d.Sigma {
			if off := math.Abs(s/whole.Sigma[i] - 1); off > near {
				t.Errorf("%d passes: singular value %d is %.2g off", passes, i, off)
			}
		}
	}
	small, err := TopSVD(random("small", 7, 5), 4, 0, rng.New(3))
	if err != nil || len(small.Sigma) != 4 {
		t.Fatalf("of a small matrix: %v, %v", small.Sigma, err)
	}
	if _, err := TopSVD(linalg.Dense{Rows: 1, Cols: 1, Data: []float64{math.NaN()}}, 1, 1, rng.New(3)); err == nil {
		t.Error("NaN went through")
	}
}

func TestInverse(t *testing.T) {
	a := random("inverse", 30, 30)
	inverse, err := Inverse(a)
	if err != nil {
		t.Fatal(err)
	}
	if d := away(linalg.Mul(a, inverse), unit(30)); d > 1e-11 {
		t.Errorf("a·a⁻¹ is %.2g away from 1", d)
	}
	if _, err := Inverse(linalg.NewDense(3, 3)); err == nil {
		t.Error("0 has an inverse")
	}
}
