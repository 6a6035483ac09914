package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// began is where q of the first block began.
func (r rig) began(who int, draw uint64, f method.Fit) lora.Pair {
	r.t.Helper()
	return r.pair(r.do(who, draw, f).Began[0].Blob, "0.q")
}

func TestSharedInits(t *testing.T) {
	r := newRig(t)
	share := func(_ *method.Fit, l *method.LoRA) { l.Shared = true }
	rank := func(n int) func(*method.Fit, *method.LoRA) { return func(_ *method.Fit, l *method.LoRA) { l.Rank = n } }
	a, b := r.began(0, 1, fit(still, share)), r.began(1, 2, fit(still, share))
	if !slices.Equal(a.A, b.A) || slices.Max(a.B) != 0 {
		t.Error("two participants began apart from a shared init")
	}
	if more := r.began(1, 2, fit(still, share, rank(4))); !slices.Equal(more.A[:len(a.A)], a.A) {
		t.Error("the leading rows of a shared init depend on the rank")
	}
	c, d := r.began(0, 1, fit(still)), r.began(1, 2, fit(still))
	if slices.Equal(c.A, d.A) || slices.Equal(a.A, c.A) {
		t.Error("two participants began alike from inits of their own")
	}
	f := fit(still, share)
	other, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Round: 1, Draws: []uint64{1},
		Assign: []method.Assignment{{Name: "fit", Recipe: f}}})
	if err != nil {
		t.Fatal(err)
	}
	if p := r.pair(other.Reports[0].Began[0].Blob, "0.q"); slices.Equal(p.A, a.A) {
		t.Error("two rounds begin from one shared init")
	}
	if seed2 := newRig(t, "seed=2"); slices.Equal(seed2.began(0, 1, fit(still, share)).A, a.A) {
		t.Error("two trials begin from one shared init")
	}
}

func TestInits(t *testing.T) {
	r := newRig(t)
	with := func(inits ...method.InitAt) method.Fit {
		return fit(still, func(_ *method.Fit, l *method.LoRA) { l.Init = inits })
	}
	bound := 1 / math.Sqrt(16)
	for _, a := range r.began(0, 1, with()).A {
		if math.Abs(float64(a)) > bound {
			t.Errorf("Kaiming drew %v, beyond %v", a, bound)
		}
	}
	if a, b := r.began(0, 1, with()), r.began(0, 1, with(method.InitAt{Modules: "*", Init: method.Kaiming{}})); !slices.Equal(a.A, b.A) {
		t.Error("without an init, it is not Kaiming's")
	}
	rep := r.do(0, 1, with(method.InitAt{Modules: "*.q", Init: method.Gaussian{Std: 100}}, method.InitAt{Modules: "*", Init: method.Kaiming{}}))
	if q, v := r.pair(rep.Began[0].Blob, "0.q"), r.pair(rep.Began[0].Blob, "0.v"); slices.Max(q.A) < 10 || slices.Max(v.A) > float32(bound) {
		t.Error("the first init that matches is not the one that counts")
	}
}

// given is an adapter with changes on q and v.
func given(rank int, scale float64) (a lora.Adapter) {
	for _, module := range []string{"0.q", "0.v"} {
		p := lora.Fresh(rng.New(4), lora.Module{Name: module, Out: 16, In: 16}, rank, scale, lora.Gaussian{Std: 1})
		s := rng.New(5).At(module).Stream()
		for i := range p.B {
			p.B[i] = float32(s.Norm())
		}
		a = append(a, p)
	}
	return a
}

func apart(a, b lora.Pair) float64 {
	x, y := a.Delta(), b.Delta()
	x.Add(-1, y)
	return linalg.Norm(x.Data) / linalg.Norm(y.Data)
}

// A start keeps its change; of a larger one the leading rows are taken.
func TestFromBlob(t *testing.T) {
	r := newRig(t)
	whole := given(4, 2)
	blob := r.put(whole)
	leading, err := whole.Truncate(2)
	if err != nil {
		t.Fatal(err)
	}
	rank := func(n int) func(*method.Fit, *method.LoRA) { return func(_ *method.Fit, l *method.LoRA) { l.Rank = n } }
	for n, want := range map[int]lora.Pair{0: whole[0], 2: leading[0], 4: whole[0], 9: whole[0]} {
		rep := r.do(0, 1, fit(still, from(blob), rank(n)))
		got := r.pair(rep.Began[0].Blob, "0.q")
		if got.Rank != want.Rank || !slices.Equal(got.A, want.A) || !slices.Equal(got.B, want.B) || got.Scale != 2 {
			t.Errorf("at rank %d it began at rank %d, or elsewhere", n, got.Rank)
		}
		if rep.Made[0].Blob != rep.Began[0].Blob {
			t.Errorf("at rank %d a rate of 0 moved it", n)
		}
	}
	p := r.began(0, 1, fit(still, from(blob), rank(4), func(_ *method.Fit, l *method.LoRA) { l.Scale = 0.5 }))
	if p.Scale != 0.5 || !slices.Equal(p.A, whole[0].A) || apart(p, whole[0]) > 1e-7 {
		t.Errorf("at another scale the change is %.2g from what it was", apart(p, whole[0]))
	}
	part := r.put(whole[:1])
	rep := r.do(0, 1, fit(still, from(part)))
	if v := r.pair(rep.Began[0].Blob, "0.v"); slices.Max(v.B) != 0 || v.Rank != 2 {
		t.Error("a module that the blob lacks does not begin afresh")
	}
}

func TestStartsThatCannotBe(t *testing.T) {
	r := newRig(t)
	started := given(2, 2)
	started[0].A0, started[0].B0 = started[0].A, started[0].B
	dense := lora.Adapter{{Module: "0.q", Out: 16, In: 16, Scale: 1, D: make([]float32, 256)}}
	narrow := lora.Adapter{{Module: "0.q", Out: 8, In: 16, Rank: 1, Scale: 1, A: make([]float32, 16), B: make([]float32, 8)}}
	noRank := func(_ *method.Fit, l *method.LoRA) { l.Rank = 0 }
	notes, err := r.blobs.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]method.Fit{
		"8×16 in the blob":          fit(from(r.put(narrow))),
		"cut to rank 1":             fit(from(r.put(started)), func(_ *method.Fit, l *method.LoRA) { l.Rank = 1 }),
		"dense":                     fit(from(r.put(dense))),
		"from a dense delta":        fit(from(r.put(dense)), noRank),
		"no rank for a fresh start": fit(from(r.put(given(2, 2)[:1])), noRank),
		"its Modules leave out":     fit(from(r.put(given(2, 2))), func(_ *method.Fit, l *method.LoRA) { l.Modules = []string{"*.q"} }),
		"expected \"adapter\"":      fit(from(notes)),
		"no such blob":              fit(from("cafe")),
		"matches nothing":           fit(func(_ *method.Fit, l *method.LoRA) { l.Modules = []string{"7.q"} }),
		"module pattern \"q\"":      fit(func(_ *method.Fit, l *method.LoRA) { l.Rates = []method.RateAt{{Modules: "q", Times: 1}} }),
		"module pattern \"v\"":      fit(func(_ *method.Fit, l *method.LoRA) { l.Init = []method.InitAt{{Modules: "v", Init: method.Kaiming{}}} }),
	} {
		if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "client/0") {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// A rank above what a module has is clamped there, and said.
func TestClampedRanksWarn(t *testing.T) {
	r := newRig(t, "bases.main.recipe.kv_heads=1") // v is 8×16
	rep := r.do(0, 1, fit(still, func(_ *method.Fit, l *method.LoRA) { l.Rank = 12 }))
	q, v := r.pair(rep.Blob("lora"), "0.q"), r.pair(rep.Blob("lora"), "0.v")
	if q.Rank != 12 || v.Rank != 8 || len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], "0.v of 8×16") {
		t.Errorf("at rank 12, q is trained at %d and v at %d; warnings %q", q.Rank, v.Rank, rep.Warnings)
	}
}

func TestFrozenFactorsStay(t *testing.T) {
	r := newRig(t)
	blob := r.put(given(2, 2))
	for _, c := range []struct {
		freeze       string
		sameA, sameB bool
	}{{"", false, false}, {"A", true, false}, {"B", false, true}} {
		rep := r.do(0, 1, fit(from(blob), func(f *method.Fit, l *method.LoRA) { l.Freeze, f.Optimiser.Decay = c.freeze, 0.1 }))
		for _, m := range []string{"0.q", "0.v"} {
			was, is := r.pair(rep.Began[0].Blob, m), r.pair(rep.Blob("lora"), m)
			if slices.Equal(was.A, is.A) != c.sameA || slices.Equal(was.B, is.B) != c.sameB {
				t.Errorf("freeze %q: of %s, A stayed %v and B %v", c.freeze, m, slices.Equal(was.A, is.A), slices.Equal(was.B, is.B))
			}
		}
	}
}

func TestRates(t *testing.T) {
	r := newRig(t)
	blob := r.put(given(2, 2))
	rates := func(list ...method.RateAt) func(*method.Fit, *method.LoRA) {
		return func(_ *method.Fit, l *method.LoRA) { l.Rates = list }
	}
	rep := r.do(0, 1, fit(from(blob), rates(method.RateAt{Modules: "*.q", Factor: "B", Times: 0}, method.RateAt{Modules: "*.v", Times: 0})))
	q, v, g := r.pair(rep.Blob("lora"), "0.q"), r.pair(rep.Blob("lora"), "0.v"), given(2, 2)
	if slices.Equal(q.A, g[0].A) || !slices.Equal(q.B, g[0].B) || !slices.Equal(v.A, g[1].A) || !slices.Equal(v.B, g[1].B) {
		t.Error("rates of 0 hit other factors than those that match")
	}
	twice := fit(sgd, oneStep, rates(method.RateAt{Modules: "*.q", Factor: "B", Times: 4}, method.RateAt{Modules: "0.*", Times: 0.5}))
	plain, fast := r.do(0, 1, fit(sgd, oneStep)), r.do(0, 1, twice)
	for module, c := range map[string]float32{"0.q": 2, "0.v": 0.5} { // rates that match multiply
		if !slices.Equal(r.pair(fast.Blob("lora"), module).B, times(r.pair(plain.Blob("lora"), module).B, c)) {
			t.Errorf("the rate of %s.B is not %v times the plain one", module, c)
		}
	}
}
