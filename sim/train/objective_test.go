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

// terms makes them the objective.
func terms(list ...method.Term) func(*method.Fit, *method.LoRA) {
	return func(f *method.Fit, _ *method.LoRA) { f.Objective = list }
}

func ce(weight float64) method.Term { return method.Times(weight, method.CrossEntropy{}) }

// flat are all numbers of an adapter, module by module, A before B.
func flat(a lora.Adapter) (out []float32) {
	for _, p := range a {
		out = append(append(out, p.A...), p.B...)
	}
	return out
}

// nearly says that a is b but for rounding.
func nearly(t *testing.T, what string, a, b []float32) {
	t.Helper()
	gap, size := 0.0, 0.0
	for i := range a {
		gap += math.Pow(float64(a[i]-b[i]), 2)
		size += math.Pow(float64(b[i]), 2)
	}
	if !(math.Sqrt(gap) <= 2e-5*math.Sqrt(size)) || len(a) != len(b) {
		t.Errorf("%s: %.3g away of %.3g", what, math.Sqrt(gap), math.Sqrt(size))
	}
}

// A pull towards the start does nothing in the first update and in the second takes
// rate·weight·(θ1 − θ0) off, as FedProx is written; with a Fisher of ones it is twice that.
func TestQuadratic(t *testing.T) {
	r := newRig(t)
	start := r.put(given(2, 2))
	run := func(n int, list ...method.Term) []float32 {
		return flat(r.adapter(r.do(0, 1, fit(sgd, from(start), steps(n), terms(list...), func(f *method.Fit, _ *method.LoRA) { f.Batch = 0 })).Blob("lora")))
	}
	zero, one, two := flat(given(2, 2)), run(1, ce(1)), run(2, ce(1))
	pulled := func(times float32) []float32 {
		out := slices.Clone(two)
		for i := range out {
			out[i] -= 0.5 * times * (one[i] - zero[i])
		}
		return out
	}
	if got := run(2, ce(1), method.Times(0, method.Quadratic{})); !slices.Equal(got, two) {
		t.Error("a quadratic of weight 0 changes something")
	}
	if got := run(1, ce(1), method.Times(0.3, method.Quadratic{Of: "lora"})); !slices.Equal(got, one) {
		t.Error("the first update is pulled to where it is")
	}
	nearly(t, "proximal", run(2, ce(1), method.Times(0.3, method.Quadratic{Of: "lora"})), pulled(0.3))
	ones := given(2, 2)
	for _, p := range ones {
		for _, x := range [][]float32{p.A, p.B} {
			for i := range x {
				x[i] = 1
			}
		}
	}
	ewc := method.Quadratic{Centre: start, Fisher: r.put(ones)}
	nearly(t, "elastic", run(2, ce(1), method.Times(0.3, ewc)), pulled(0.6))
	scaled := method.Quadratic{Centre: r.put(given(2, 2).Rescale(1))}
	nearly(t, "centre of another scale", run(2, ce(1), method.Times(0.3, scaled)), pulled(0.3))
	rep := r.do(0, 1, fit(sgd, from(start), steps(2), terms(ce(1), method.Times(0.3, ewc))))
	if v := value(t, rep, "quadratic", ""); !(v.Value > 0) || v.Weight != 2 {
		t.Errorf("the term reports %+v", v)
	}
	_, err := r.try(0, 1, fit(from(start), terms(ce(1), method.Times(1, method.Quadratic{Centre: r.put(given(1, 2))}))))
	if err == nil || !strings.Contains(err.Error(), "the same modules at the same ranks") {
		t.Errorf("a centre of another rank: %v", err)
	}
}

// L1 makes numbers 0, L2 smaller; a tail is pressed down, and new directions turn away from
// the old.
func TestPenaltiesDoTheirWork(t *testing.T) {
	r := newRig(t)
	start := r.put(given(4, 2))
	run := func(list ...method.Term) (lora.Adapter, method.Report) {
		rep := r.do(0, 1, fit(from(start), func(f *method.Fit, l *method.LoRA) { f.Epochs, l.Rank = 8, 4 }, terms(list...)))
		return r.adapter(rep.Blob("lora")), rep
	}
	plain, _ := run(ce(1))
	zeros := func(a lora.Adapter) (n int) {
		for _, x := range flat(a) {
			if x == 0 {
				n++
			}
		}
		return n
	}
	norm := func(a lora.Adapter) float64 { return linalg.Norm(linalg.Widen(1, len(flat(a)), flat(a)).Data) }
	if a, _ := run(ce(1), method.Times(1, method.Norm{Power: 1})); zeros(a) < 10 || zeros(plain) > 0 {
		t.Errorf("L1 makes %d numbers 0, and without it %d are", zeros(a), zeros(plain))
	}
	for _, l := range []method.Norm{{Power: 2}, {Power: 2, Root: true}} {
		if a, rep := run(ce(1), method.Times(1, l)); !(norm(a) < 0.99*norm(plain)) || value(t, rep, "norm", "").Value <= 0 {
			t.Errorf("%+v: the norm is %g, without it %g", l, norm(a), norm(plain))
		}
	}
	if a, _ := run(ce(1), method.Times(1, method.Tail{Of: "lora", Gamma: 0.5})); !(a.TailProduct(0.5) < 0.97*plain.TailProduct(0.5)) {
		t.Errorf("the tail is %g, without the term %g", a.TailProduct(0.5), plain.TailProduct(0.5))
	}
	old := method.Orthogonal{Against: []method.Blob{start}}
	_, rep := run(ce(0.01), method.Times(1, old))
	_, free := run(ce(0.01), method.Times(1e-9, old))
	if a, b := value(t, rep, "orthogonal", "").Value, value(t, free, "orthogonal", "").Value; !(a < 0.97*b) {
		t.Errorf("the overlap with the old adapter is %g, without the term %g", a, b)
	}
	frozen := fit(from(start), func(_ *method.Fit, l *method.LoRA) { l.Freeze = "A" }, terms(ce(1), method.Times(1, method.Tail{Gamma: 0.5}), method.Times(1, old)))
	if p := r.pair(r.do(0, 1, frozen).Blob("lora"), "0.q"); !slices.Equal(p.A, given(4, 2)[0].A[:2*16]) {
		t.Error("a frozen factor is moved by a penalty")
	}
}

// A student that is its teacher learns nothing from it, another comes nearer; at weight 0 it
// is not even asked.
func TestDistill(t *testing.T) {
	r := newRig(t)
	teacher := method.Model{Base: "main", Attach: []method.Attach{{Name: "old", From: method.From{Blob: r.put(given(2, 1))}, Scale: 1}}}
	distill := method.Distill{Teacher: teacher, Tau: 2}
	same := fit(from(r.put(given(2, 1))), sgd, oneStep, terms(method.Times(1, distill)), func(_ *method.Fit, l *method.LoRA) { l.Scale = 1 })
	rep := r.do(0, 1, same)
	if v := value(t, rep, "distill", ""); v.Value > 1e-6 || v.Weight != rowsEach*labelsEach {
		t.Errorf("a student that is the teacher is %g away, over %g labels", v.Value, v.Weight)
	}
	nearly(t, "what learned from itself", flat(r.adapter(rep.Blob("lora"))), flat(given(2, 1)))
	rep = r.do(0, 1, fit(terms(ce(0.5), method.Times(1, distill)), func(f *method.Fit, _ *method.LoRA) { f.Epochs = 40 }))
	if a, b := value(t, rep, "loss.first", "").Value, value(t, rep, "distill", "").Value; !(b > 0 && a > 0) {
		t.Errorf("loss %g, distillation %g", a, b)
	}
	alone := fit(terms(method.Times(1, distill)), func(f *method.Fit, l *method.LoRA) { f.Epochs, l.Rank = 60, 4 })
	rep = r.do(0, 1, alone)
	if first, last := value(t, rep, "distill.first", "").Value, value(t, rep, "distill.last", "").Value; !(last < 0.7*first) {
		t.Errorf("the student was %g away, and is %g", first, last)
	}
	off := r.do(0, 1, fit(terms(ce(1), method.Times(0, method.Distill{Teacher: method.Model{Base: "none"}, Tau: 1}))))
	if off.Blob("lora") != r.do(0, 1, fit()).Blob("lora") {
		t.Error("a teacher of weight 0 changes something")
	}
}

// Answers and prompts can both be learned, each at its weight.
func TestTwoKindsOfLabels(t *testing.T) {
	r := newRig(t)
	b := func(list ...method.Term) []float32 {
		return r.pair(r.do(0, 1, fit(sgd, oneStep, terms(list...))).Blob("lora"), "0.q").B
	}
	whole := method.CrossEntropy{Inputs: true}
	answers, all, both := b(ce(1)), b(method.Times(1, whole)), b(ce(1), method.Times(0.5, whole))
	want := slices.Clone(answers)
	for i := range want {
		want[i] += 0.5 * all[i]
	}
	nearly(t, "one step of both", both, want)
	rep := r.do(0, 1, fit(terms(ce(1), method.Times(0.5, whole))))
	if a, b := value(t, rep, "loss", "").Weight, value(t, rep, "loss.2", "").Weight; a != rowsEach*labelsEach || b != rowsEach*8 {
		t.Errorf("%g labels of answers and %g of all", a, b)
	}
}

// Piled batches are one batch.
func TestPile(t *testing.T) {
	r := newRig(t)
	piled := r.do(0, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Batch, f.Pile = 2, 2 }))
	if piled.Blob("lora") != r.do(0, 1, fit()).Blob("lora") {
		t.Error("two piled batches of two are not a batch of four")
	}
}

// A trace is the loss between two of its points.
func TestTrace(t *testing.T) {
	r := newRig(t)
	rep := r.do(0, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Trace = 4, 3 }))
	sum, weight := 0.0, 0.0
	for _, group := range []string{"update=3", "update=6", "update=9", "update=12"} {
		v := value(t, rep, "loss.trace", group)
		sum, weight = sum+v.Value*v.Weight, weight+v.Weight
	}
	if v := value(t, rep, "loss", ""); v.Weight != weight || math.Abs(v.Value-sum/weight) > 1e-12 {
		t.Errorf("the points of the trace are %g over %g, all %+v", sum/weight, weight, v)
	}
}
