package nn

import (
	"slices"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// What learning makes part of the product before it (gates that fork, slopes that are kept) has
// the bits of the plain way back, which goes activation by activation; also where a branch
// with dropout, which nobody trains, stands in between.
func TestLearningHasTheBitsOfThePlainWayBack(t *testing.T) {
	s := rng.New(17).At("forks").Stream()
	gelu := small(false)
	gelu.Gated, gelu.Act = false, kernel.GELUTanh
	for name, c := range map[string]Config{"gate": small(false), "slope": gelu} {
		m := randomModel(t, c, s)
		for _, dropout := range []float64{0, 0.5} {
			frozen := randomBranch(c, "1.down", 2, 0.5, s)
			frozen.Dropout = dropout
			r := NewRunner(m)
			_, params := trained(t, r, s)
			if err := r.Attach(frozen); err != nil {
				t.Fatal(err)
			}
			b := raggedBatch(c, s)
			if dropout > 0 {
				b.Dropout = rng.New(5).Stream()
			}
			if err := r.Forward(b); err != nil {
				t.Fatal(err)
			}
			loss, _ := r.Backward(nil)
			var want [][]float32
			for _, p := range params {
				want = append(want, slices.Clone(p.Grad))
			}
			ZeroGrads(params)
			if dropout > 0 {
				b.Dropout = rng.New(5).Stream()
			}
			again, _, err := r.Learn(b, nil)
			if err != nil || again != loss {
				t.Errorf("%s, dropout %g: loss %+v, %v; want %+v", name, dropout, again, err, loss)
			}
			for i, p := range params {
				numtest.Same(t, name+" "+p.Name, p.Grad, want[i])
			}
		}
	}
}
