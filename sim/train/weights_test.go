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

// whole is a Fit of the base itself.
func whole(change ...func(*method.Fit, *method.Weights)) method.Fit {
	f, w := fit(), method.Weights{Name: "base"}
	f.Optimiser.LR = 3e-3
	for _, c := range change {
		c(&f, &w)
	}
	f.Train = []method.Part{w}
	return f
}

// What is made of the base is its change: attached to the base it is the model as it was
// trained, and a further Fit goes on from it.
func TestTheBaseIsTrained(t *testing.T) {
	r := newRig(t)
	rep := r.do(0, 1, whole(func(f *method.Fit, _ *method.Weights) { f.Epochs = 4 }))
	made := rep.Blob("base")
	if len(rep.Began) != 0 || !r.adapter(made)[0].Dense() || linalg.Norm(r.pair(made, "0.q").Delta().Data) == 0 {
		t.Fatalf("began %v, made a change of %g in 0.q", rep.Began, linalg.Norm(r.pair(made, "0.q").Delta().Data))
	}
	before, after := r.score(main), r.score(attached(made, true))
	if !(after < before-0.1) || math.Abs(after-r.score(attached(made, false))) > 1e-9 {
		t.Errorf("the loss was %g and is %g", before, after)
	}
	on := whole(func(f *method.Fit, w *method.Weights) { f.Optimiser.LR, w.From.Blob = 0, made })
	if again := r.do(0, 1, on); again.Blob("base") != made || again.Began[0].Blob != made || math.Abs(value(t, again, "loss", "").Value-after) > 1e-4 {
		t.Errorf("a Fit that goes on at a rate of 0 made another change, or began elsewhere: its loss is %g", value(t, again, "loss", "").Value)
	}
	if r.score(main) != before {
		t.Error("training a copy of the base changed the base")
	}
}

// Modules are those that are named, and an adapter may be trained beside them.
func TestSomeOfTheBaseIsTrained(t *testing.T) {
	r := newRig(t)
	some := whole(func(_ *method.Fit, w *method.Weights) { w.Modules = []string{"*.down", "*.v"} })
	a := r.adapter(r.do(0, 1, some).Blob("base"))
	var names []string
	for _, p := range a {
		names = append(names, p.Module)
	}
	if !slices.Contains(names, "0.down") || !slices.Contains(names, "0.v") || slices.Contains(names, "0.q") {
		t.Errorf("trained are %v", names)
	}
	some.Train = append(some.Train, method.LoRA{Name: "lora", Modules: []string{"*.q"}, Rank: 2, Scale: 2})
	some.Objective = []method.Term{ce(1), method.Times(0.1, method.Quadratic{Of: "base"})}
	rep := r.do(0, 1, some)
	if len(rep.Made) != 2 || slices.Max(r.pair(rep.Blob("lora"), "0.q").B) == 0 || value(t, rep, "quadratic", "").Value <= 0 {
		t.Errorf("beside the base an adapter was trained to %v, the pull is %+v", rep.Made, value(t, rep, "quadratic", ""))
	}
	var stack lora.Stack
	x, err := r.blobs.Open(rep.Blob("base"))
	if err != nil {
		t.Fatal(err)
	}
	if err := stack.Add(1, x); err != nil {
		t.Errorf("a server cannot add it up: %v", err)
	}
	for want, f := range map[string]method.Fit{
		"matches nothing":              whole(func(_ *method.Fit, w *method.Weights) { w.Modules = []string{"7.q"} }),
		"which its Modules leave out":  whole(func(_ *method.Fit, w *method.Weights) { w.Modules, w.From.Blob = []string{"*.v"}, r.put(given(2, 1)) }),
		"over the factors of an adapt": whole(func(f *method.Fit, _ *method.Weights) { f.Objective = []method.Term{method.Times(1, method.Tail{})} }),
	} {
		if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}
