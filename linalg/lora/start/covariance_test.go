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
