package start

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
)

// From moments the directions are those that PCA finds in the inputs themselves.
func TestFromMomentsIsPCA(t *testing.T) {
	x := linalg.Mul(gaussian(rng.New(1), 60, 12), weight(12, 12))
	mean := make([]float64, 12)
	for i := range x.Rows {
		for j := range x.Cols {
			x.Row(i)[j] += 0.7 // not centred
			mean[j] += x.At(i, j) / 60
		}
	}
	var second Second
	want := NewPCA(4)
	for _, err := range []error{second.Add(x), want.Add(x)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	got, err := FromMoments(mean, second.Mean(), 60, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Sigma {
		if gap := math.Abs(got.Sigma[i] - want.Sigma[i]); gap > 1e-9*want.Sigma[0] {
			t.Errorf("σ%d is %v, by the inputs %v", i, got.Sigma[i], want.Sigma[i])
		}
		if gap := math.Abs(got.Explained()[i] - want.Explained()[i]); gap > 1e-9 {
			t.Errorf("direction %d explains %v, by the inputs %v", i, got.Explained()[i], want.Explained()[i])
		}
	}
	got.Axes.Add(-1, want.Axes)
	if gap := linalg.Norm(got.Axes.Data); gap > 1e-8 {
		t.Errorf("the directions are %g apart", gap)
	}
	for _, bad := range []func() (*PCA, error){
		func() (*PCA, error) { return FromMoments(mean[:3], second.Mean(), 60, 4) },
		func() (*PCA, error) { return FromMoments(mean, second.Mean(), 0, 4) },
	} {
		if _, err := bad(); err == nil {
			t.Error("moments that do not fit passed")
		}
	}
}

// byMoments holds the directions that moments give against those of the inputs themselves.
// Directions of one length have no order, and are left out.
func byMoments(t *testing.T, name string, x linalg.Dense, want *PCA) {
	t.Helper()
	mean := make([]float64, x.Cols)
	for i := range x.Rows {
		for j, v := range x.Row(i) {
			mean[j] += v / float64(x.Rows)
		}
	}
	var second Second
	if err := second.Add(x); err != nil {
		t.Fatal(err)
	}
	got, err := FromMoments(mean, second.Mean(), float64(x.Rows), len(want.Sigma))
	if err != nil {
		t.Fatal(err)
	}
	for i := range got.Sigma {
		if gap := math.Abs(got.Sigma[i] - want.Sigma[i]); gap > 1e-6*want.Sigma[0] {
			t.Errorf("%s: σ%d is %v by moments, by the inputs %v", name, i, got.Sigma[i], want.Sigma[i])
		}
		apart := func(k int) bool {
			return k < 0 || k >= len(want.Sigma) || math.Abs(want.Sigma[k]-want.Sigma[i]) > 1e-3*want.Sigma[0]
		}
		var gap float64
		for j, v := range want.Axes.Row(i) {
			gap = math.Hypot(gap, got.Axes.At(i, j)-v)
		}
		if apart(i-1) && apart(i+1) && want.Sigma[i] > 1e-3*want.Sigma[0] && gap > 1e-6 {
			t.Errorf("%s: direction %d is %g apart by moments", name, i, gap)
		}
	}
}
