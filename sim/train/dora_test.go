package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

func dora(_ *method.Fit, l *method.LoRA) { l.Form = "dora" }

// magnified reads what was made of a part with magnitudes.
func (r rig) magnified(b method.Blob) lora.Factors {
	r.t.Helper()
	x, err := r.blobs.Open(b)
	if err != nil {
		r.t.Fatal(err)
	}
	f, err := lora.ParseFactors(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

// Magnitudes begin as the lengths of the rows, so that nothing changes; they are trained, and
// what was trained is the same model beside the weights and within them.
func TestMagnitudes(t *testing.T) {
	r := newRig(t)
	rep := r.do(0, 1, fit(dora, func(f *method.Fit, _ *method.LoRA) { f.Epochs = 4 }))
	if first := value(t, rep, "loss.first", "").Value; math.Abs(first-value(t, r.do(0, 1, fit()), "loss.first", "").Value) > 1e-5 {
		t.Errorf("the first loss is %g", first)
	}
	began, made := r.magnified(rep.Began[0].Blob), r.magnified(rep.Blob("lora"))
	w := r.weight("0.q")
	if got, want := began[0].M[3], float32(linalg.Norm(w.Row(3))); got != want {
		t.Errorf("the magnitude of a row is %g and its length %g", got, want)
	}
	if slices.Equal(began[0].M, made[0].M) {
		t.Error("magnitudes are not trained")
	}
	beside, merged := r.score(attached(rep.Blob("lora"), false)), r.score(attached(rep.Blob("lora"), true))
	if math.Abs(beside-merged) > 1e-5 || !(beside < r.score(main)-0.01) {
		t.Errorf("loss %g beside the weights, %g merged, %g before", beside, merged, r.score(main))
	}
	on := r.do(0, 1, fit(still, dora, from(rep.Blob("lora"))))
	if on.Blob("lora") != rep.Blob("lora") {
		t.Error("who goes on from it has lost something")
	}
	reports, kept := r.lease(nil, 1, method.Assignment{Name: "fit", Recipe: fit(dora), Upload: []string{"lora.A"}, Keep: []string{"lora.B"}})
	half := fit(still, dora, func(_ *method.Fit, l *method.LoRA) { l.From = method.From{Blob: reports[0].Blob("lora.A"), Kept: true} })
	again, _ := r.lease(kept, 1, keep(half))
	if r.score(attached(again[0].Blob("lora"), false)) != r.score(attached(r.do(0, 1, fit(dora)).Blob("lora"), false)) {
		t.Error("A by blob and B kept, with its magnitudes, are not the adapter")
	}
}

// Sums of adapters refuse magnitudes, and so does a part of another form.
func TestMagnitudesAreNoProducts(t *testing.T) {
	r := newRig(t)
	blob := r.do(0, 1, fit(dora)).Blob("lora")
	x, err := r.blobs.Open(blob)
	if err != nil {
		t.Fatal(err)
	}
	var stack lora.Stack
	if err := stack.Add(1, x); err == nil {
		t.Error("magnitudes were stacked")
	}
	if err := stack.AddAdapter(1, r.magnified(blob).Whole()); err == nil || !strings.Contains(err.Error(), "has magnitudes") {
		t.Errorf("magnitudes were stacked: %v", err)
	}
	for want, f := range map[string]method.Fit{
		`give the part the form "dora"`: fit(from(blob)),
		"choose one":                    fit(dora, init_(method.Orthonormal{})),
	} {
		if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}
