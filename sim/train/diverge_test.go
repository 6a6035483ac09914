package train_test

import (
	"math"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// A training whose numbers are none any more ends at once, and says which tensor and which
// update it was.
func TestDivergenceNamesTensorAndUpdate(t *testing.T) {
	r := newRig(t)
	huge := r.pair(r.do(0, 1, fit()).Made[0].Blob, "0.q")
	huge.B, huge.A = times(huge.B, 1), times(huge.A, 1) // blobs are mapped, read-only
	huge.B[0], huge.A[0] = math.MaxFloat32, math.MaxFloat32
	blob := r.put(lora.Adapter{huge})
	for name, c := range map[string]struct {
		change func(*method.Fit, *method.LoRA)
		want   []string
	}{
		"the loss": {from(blob), []string{"update 1 of 3", "the loss is NaN", `gradient of tensor "`, "lower the learning rate (0.01)"}},
		"the last update": {func(f *method.Fit, _ *method.LoRA) {
			oneStep(f, nil)
			sgd(f, nil)
			f.Optimiser.LR = 1e300
		}, []string{"update 1 of 1", `tensor "`, "at number"}},
	} {
		_, err := r.try(0, 1, fit(c.change))
		if err == nil {
			t.Errorf("%s: it went on", name)
			continue
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q is not in: %v", name, w, err)
			}
		}
	}
}
