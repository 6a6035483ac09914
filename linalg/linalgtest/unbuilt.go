package linalgtest

import "testing"

// Unbuilt names the golden cases whose feature is not built yet, and the feature. This is
// the only such list in the project, and it may only shrink.
//
// Cases of models are named by what makes them unbuilt: the model_type, or for a single
// part of a model's vectors, model_type and part.
var Unbuilt = map[string]string{
	"lora/fair":     "detectors, gates per example, fairness measures",
	"lora/mta":      "banks, retrieval weights, fusion",
	"lora/transfer": "judges",
}

// Settle decides about a case by the error of trying it. An error skips the test if the
// case is on the list, and fails it otherwise; success fails it if the case is on the
// list, which is then to be made shorter.
func Settle(t testing.TB, name string, err error) {
	t.Helper()
	feature, listed := Unbuilt[name]
	switch {
	case err != nil && listed:
		t.Skipf("%s is not built yet: %s (%v)", name, feature, err)
	case err != nil:
		t.Fatalf("%s: %v", name, err)
	case listed:
		t.Fatalf("%s is built: take it off linalgtest.Unbuilt", name)
	}
}
