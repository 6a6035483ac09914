package factor

import (
	"math"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// The truncation error is within the share asked for of the best, on a flat spectrum as on
// one that decays, and neither a second time nor more workers change a bit.
func TestNearTop(t *testing.T) {
	const k, near = 6, 1e-6
	for name, decay := range map[string]float64{"flat": 0, "decaying": 1.5, "steep": 6} {
		if testing.Short() && decay != 0 {
			continue
		}
		b, a := random("left", 660, 642), random("right", 642, 650)
		for j := range b.Cols {
			for i := range b.Rows {
				b.Row(i)[j] *= math.Pow(float64(j+1), -decay)
			}
		}
		best, err := ProductSVD(b, a)
		if err != nil {
			t.Fatal(err)
		}
		d, err := NearTop(b, a, k, near, rng.New(3), 1)
		if err != nil {
			t.Fatal(err)
		}
		off := linalg.Mul(b, a)
		off.Add(-1, d.Product())
		if e, least := linalg.Norm(off.Data), best.Tail(k); e > least*(1+near)+1e-12*best.Sigma[0] {
			t.Errorf("%s: the error is %.12g, the best has %.12g", name, e, least)
		}
		again, err := NearTop(b, a, k, near, rng.New(3), 2)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("%s: with two workers it is another (%v)", name, err)
		}
	}
}

// A sketch that would not be small, and entries that are no numbers.
func TestNearTopEdges(t *testing.T) {
	b, a := random("left", 9, 5), random("right", 5, 7)
	d, err := NearTop(b, a, 3, 1e-6, rng.New(1), 1)
	want, err2 := ProductTop(b, a, 3)
	if err != nil || err2 != nil || !reflect.DeepEqual(d, want) {
		t.Errorf("a small product is not taken apart as a whole: %v, %v", err, err2)
	}
	if z, err := NearTop(linalg.NewDense(800, 700), linalg.NewDense(700, 800), 2, 1e-6, rng.New(1), 1); err != nil || z.Sigma[0] != 0 {
		t.Errorf("of noughts: %v, %v", z.Sigma, err)
	}
	b.Data[3] = math.Inf(1)
	if _, err := NearTop(b, a, 3, 1e-6, rng.New(1), 1); err == nil {
		t.Error("an infinity went through")
	}
}
