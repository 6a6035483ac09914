package train_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

func init_(i method.Init) func(*method.Fit, *method.LoRA) {
	return func(_ *method.Fit, l *method.LoRA) { l.Init = []method.InitAt{{Modules: "*", Init: i}} }
}

// weight is the frozen weight of a module of the rig's base.
func (r rig) weight(module string) linalg.Dense {
	r.t.Helper()
	w, err := r.world.Bases[0].Model.Weight(module)
	if err != nil {
		r.t.Fatal(err)
	}
	return linalg.Widen(16, 16, w)
}

// score is the loss of a model on client 0's examples.
func (r rig) score(m method.Model) float64 {
	r.t.Helper()
	return value(r.t, r.do(0, 1, method.Score{Model: m, Metrics: []string{"loss"}, Data: method.Data{Draw: method.InOrder}}), "loss", "").Value
}

func attached(b method.Blob, merge bool) method.Model {
	return method.Model{Base: "main", Attach: []method.Attach{{Name: "a", From: method.From{Blob: b}, Scale: 1, Merge: merge}}}
}

// Whatever the start, nothing changes at first: the base gives up what the adapter begins
// with, and what was learned is the same change beside the weights and within them.
func TestStartsKeepTheModel(t *testing.T) {
	r := newRig(t)
	base := r.score(main)
	seen := map[method.Blob]bool{}
	for _, i := range []method.Init{
		method.Spectral{Pick: "principal"}, method.Spectral{Pick: "minor"}, method.Spectral{Pick: "middle"}, method.Spectral{Pick: "random"},
		method.Spectral{Pick: "principal", Random: true}, method.Orthonormal{},
		method.Given{Blob: r.put(given(2, 1)), Residual: true},
	} {
		name := fmt.Sprintf("%s %+v", method.Name(i), i)
		rep := r.do(0, 1, fit(still, init_(i)))
		p := r.pair(rep.Began[0].Blob, "0.q")
		if !p.Started() || p.Rank != 2 || p.Scale != 2 || linalg.Norm(p.Delta().Data) != 0 || linalg.Norm(linalg.Widen(2, 16, p.A).Data) == 0 {
			t.Errorf("%s: rank %d, scale %g, started %v, change %g", name, p.Rank, p.Scale, p.Started(), linalg.Norm(p.Delta().Data))
		}
		if seen[rep.Began[0].Blob] {
			t.Errorf("%s: begins where another does", name)
		}
		seen[rep.Began[0].Blob] = true
		if first := value(t, r.do(0, 1, fit(oneStep, init_(i))), "loss.first", "").Value; math.Abs(first-base) > 1e-5 {
			t.Errorf("%s: the first loss is %g, that of the base %g", name, first, base)
		}
		trained := r.do(0, 1, fit(init_(i))).Blob("lora")
		beside, merged := r.score(attached(trained, false)), r.score(attached(trained, true))
		if math.Abs(beside-merged) > 1e-5 || math.Abs(beside-base) < 1e-4 {
			t.Errorf("%s: loss %g beside the weights, %g merged, %g before", name, beside, merged, base)
		}
		on := fit(still, from(trained))
		if again := r.pair(r.do(0, 1, on).Began[0].Blob, "0.q"); !slices.Equal(again.A0, r.pair(trained, "0.q").A0) {
			t.Errorf("%s: who goes on from it has lost its start", name)
		}
	}
}

// The triples are those that are picked: the last ones are minor at every rank.
func TestSpectralPicks(t *testing.T) {
	r := newRig(t)
	d, err := factor.Decompose(r.weight("0.q"))
	if err != nil {
		t.Fatal(err)
	}
	for pick, first := range map[string]func(rank int) int{
		"principal": func(int) int { return 0 }, "minor": func(rank int) int { return 16 - rank }, "middle": func(rank int) int { return (16 - rank) / 2 },
	} {
		for _, rank := range []int{1, 3, 16} {
			p := r.began(0, 1, fit(still, init_(method.Spectral{Pick: pick}), func(_ *method.Fit, l *method.LoRA) { l.Rank = rank }))
			want := 0.0
			for _, s := range d.Sigma[first(rank) : first(rank)+rank] {
				want += s * s
			}
			p.A0, p.B0 = nil, nil
			if got := linalg.Norm(p.Delta().Data); math.Abs(got-math.Sqrt(want)) > 1e-5*math.Sqrt(d.Sigma[0]) {
				t.Errorf("%s at rank %d: the part of the weight has norm %g, those triples %g", pick, rank, got, math.Sqrt(want))
			}
		}
	}
}

// The weight that is decomposed is the one that is trained beside: with all that is merged.
func TestStartsFollowTheMergedBase(t *testing.T) {
	r := newRig(t)
	blob := r.put(given(4, 1))
	f := fit(still, init_(method.Spectral{Pick: "principal"}))
	plain := r.began(0, 1, f)
	f.Model = attached(blob, true)
	moved := r.began(0, 1, f)
	f.Model = attached(blob, false)
	beside := r.began(0, 1, f)
	if slices.Equal(plain.A, moved.A) || !slices.Equal(plain.A, beside.A) {
		t.Error("a start is not that of the weights with what is merged into them")
	}
	if again := r.began(1, 9, f); !slices.Equal(again.A, beside.A) {
		t.Error("two participants decompose one base in two ways")
	}
}

// A start that is given is there from the start, unless the base gives it up.
func TestGivenStarts(t *testing.T) {
	r := newRig(t)
	blob := r.put(given(4, 1))
	p := r.began(0, 1, fit(still, init_(method.Given{Blob: blob})))
	leading, err := given(4, 1).Truncate(2)
	if err != nil {
		t.Fatal(err)
	}
	if p.Started() || p.Rank != 2 || p.Scale != 2 || apart(p, leading[0]) > 1e-6 {
		t.Errorf("at rank %d and scale %g it begins %g away", p.Rank, p.Scale, apart(p, leading[0]))
	}
	own := fit(still, init_(method.Given{Blob: blob}), func(_ *method.Fit, l *method.LoRA) { l.Rank = 0 })
	if p := r.began(0, 1, own); p.Rank != 4 {
		t.Errorf("without a rank of its own it begins at %d", p.Rank)
	}
	started := given(2, 2)
	started[0].A0, started[0].B0 = started[0].A, started[0].B
	for want, f := range map[string]method.Fit{
		"has no module 0.v":       fit(init_(method.Given{Blob: r.put(given(2, 2)[:1])})),
		"carries a start already": fit(init_(method.Given{Blob: r.put(started), Residual: true})),
		"expected a finite number above 0": fit(init_(method.Spectral{Pick: "minor"}), func(_ *method.Fit, l *method.LoRA) {
			l.Scale = -1
		}),
		"its init moves the base by both": fit(init_(method.Orthonormal{}), from(r.putHalf(given(2, 2)))),
	} {
		if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// putHalf stores the A of an adapter.
func (r rig) putHalf(a lora.Adapter) method.Blob {
	r.t.Helper()
	f, err := a.Only("A")
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := r.blobs.Put(f.Tensors())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}
