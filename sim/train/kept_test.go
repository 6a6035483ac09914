package train_test

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
)

// lease has client 0 do assignments with what it keeps, and gives what it keeps then.
func (r rig) lease(kept []method.Named, draw uint64, assign ...method.Assignment) ([]method.Report, []method.Named) {
	r.t.Helper()
	out, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: slices.Repeat([]uint64{draw}, len(assign)), Assign: assign, Kept: kept})
	if err != nil {
		r.t.Fatal(err)
	}
	return out.Reports, method.Keeping(kept, out.Kept)
}

func keep(f method.Fit, names ...string) method.Assignment {
	return method.Assignment{Name: "fit", Recipe: f, Keep: names}
}

func resume(f *method.Fit, l *method.LoRA) {
	f.Resume, l.From.Kept = true, true
	f.Schedule = method.Schedule{Name: "cosine", Warmup: 0.2, Total: 8}
}

func steps(n int) func(*method.Fit, *method.LoRA) {
	return func(f *method.Fit, _ *method.LoRA) { f.Epochs, f.Steps = 0, n }
}

// Two Fits of which the second resumes are one of both lengths, to the bit: moments,
// schedule and the order of the data go on, also within an epoch.
func TestResumedFitsAreOne(t *testing.T) {
	r := newRig(t)
	whole, _ := r.lease(nil, 1, keep(fit(resume, steps(8))))
	want := whole[0].Blob("lora")
	var kept []method.Named
	var last []method.Report
	for i, n := range []int{1, 4, 3} {
		last, kept = r.lease(kept, uint64(i+1), keep(fit(resume, steps(n)), "lora", "optimiser"))
	}
	if last[0].Blob("lora") != want {
		t.Error("1, 4 and 3 updates that go on from one another are not 8")
	}
	fresh, _ := r.lease(kept, 4, keep(fit(steps(3), func(_ *method.Fit, l *method.LoRA) { l.From.Kept = true })))
	if again, _ := r.lease(kept, 4, keep(fit(resume, steps(3)))); again[0].Blob("lora") == fresh[0].Blob("lora") {
		t.Error("a Fit that does not resume goes on with the optimiser all the same")
	}
}

// SGD's memory goes on too, and that of one optimiser is not another's parameters'.
func TestResumeOfOtherOptimisers(t *testing.T) {
	r := newRig(t)
	momentum := func(f *method.Fit, _ *method.LoRA) {
		f.Optimiser = method.Optimiser{Name: "sgd", LR: 0.1, Momentum: 0.9}
	}
	whole, _ := r.lease(nil, 1, keep(fit(resume, momentum, steps(5))))
	_, kept := r.lease(nil, 1, keep(fit(resume, momentum, steps(2)), "lora", "optimiser"))
	if rest, _ := r.lease(kept, 2, keep(fit(resume, momentum, steps(3)))); rest[0].Blob("lora") != whole[0].Blob("lora") {
		t.Error("2 and 3 updates of SGD with momentum are not 5")
	}
	half := fit(resume, momentum, func(_ *method.Fit, l *method.LoRA) { l.Freeze = "A" })
	_, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1}, Assign: []method.Assignment{keep(half)}, Kept: kept})
	if err == nil || !strings.Contains(err.Error(), "the kept optimiser remembers the parameters") {
		t.Errorf("a memory of A and B for a Fit of B: %v", err)
	}
}

// Factors travel by name: what is uploaded, what is kept, and what lies over what.
func TestFactorsByName(t *testing.T) {
	r := newRig(t)
	blob := r.put(given(2, 2))
	half := method.Assignment{Name: "fit", Recipe: fit(from(blob)), Upload: []string{"lora.A"}, Keep: []string{"lora", "lora.B"}}
	reports, kept := r.lease(nil, 1, half)
	rep := reports[0]
	if len(rep.Made) != 1 || rep.Made[0].Name != "lora.A" || len(rep.Began) != 1 || len(kept) != 2 {
		t.Fatalf("made %v, began %v, kept %v", rep.Made, rep.Began, kept)
	}
	a, err := r.blobs.Open(rep.Blob("lora.A"))
	if err != nil {
		t.Fatal(err)
	}
	whole := r.pair(method.KeptAs(kept, "lora"), "0.q")
	if n := a.Floats(); n != 2*2*16 || !slices.Equal(a.List[0].Data, whole.A) {
		t.Errorf("A over two modules at rank 2 is %d numbers, or another A", n)
	}
	kept = method.Keeping(nil, []method.Named{{Name: "lora.B", Blob: method.KeptAs(kept, "lora.B")}})
	other := r.put(given(2, 1))
	began := func(kept []method.Named, f method.From) (pair [2][]float32) {
		reports, _ := r.lease(kept, 1, keep(fit(still, func(_ *method.Fit, l *method.LoRA) { l.From, l.Scale = f, 2 })))
		p := r.pair(reports[0].Began[0].Blob, "0.q")
		return [2][]float32{p.A, p.B}
	}
	if p := began(kept, method.From{Kept: true}); !slices.Equal(p[1], whole.B) || slices.Equal(p[0], whole.A) {
		t.Error("with B kept alone, B is not that, or A not drawn")
	}
	if p := began(kept, method.From{Blob: rep.Blob("lora.A"), Kept: true}); !slices.Equal(p[1], whole.B) || !slices.Equal(p[0], whole.A) {
		t.Error("A by blob and B kept are not the pair")
	}
	if p := began(kept, method.From{Blob: other, Kept: true}); !slices.Equal(p[0], given(2, 1)[0].A) || slices.Equal(p[1], whole.B) {
		t.Error("a whole blob does not lie over a kept factor")
	}
}

// An attachment of which nothing is kept is left out; a later assignment of a lease finds
// what the first kept.
func TestKeptAttachments(t *testing.T) {
	r := newRig(t)
	score := func(merge bool) method.Assignment {
		return method.Assignment{Name: "score", Recipe: method.Score{Metrics: []string{"loss"}, Data: method.Data{Draw: method.InOrder},
			Model: method.Model{Base: "main", Attach: []method.Attach{{Name: "lora", From: method.From{Kept: true}, Merge: merge, Scale: 1}}}}}
	}
	plain, _ := r.lease(nil, 1, method.Assignment{Name: "score", Recipe: method.Score{Model: main, Metrics: []string{"loss"}, Data: method.Data{Draw: method.InOrder}}})
	none, _ := r.lease(nil, 1, score(false))
	own, kept := r.lease(nil, 1, method.Assignment{Name: "fit", Recipe: fit(), Upload: []string{method.Nothing}, Keep: []string{"lora"}}, score(false), score(true))
	if none[0].Values[0] != plain[0].Values[0] {
		t.Error("an attachment that nobody keeps is not left out")
	}
	if len(own[0].Made) != 0 || len(kept) != 1 {
		t.Errorf("it was to upload nothing, made %v and kept %v", own[0].Made, kept)
	}
	beside, merged := own[1].Values[0].Value, own[2].Values[0].Value
	if !(beside < plain[0].Values[0].Value-0.02) || beside-merged > 1e-4 || merged-beside > 1e-4 {
		t.Errorf("the loss is %g without, %g beside and %g with the kept adapter merged", plain[0].Values[0].Value, beside, merged)
	}
	fused := fit(func(f *method.Fit, _ *method.LoRA) {
		f.Model.Attach = []method.Attach{{Name: "fused", From: method.From{Blob: r.put(given(4, 1))}, Rank: 2, Scale: 1}}
	})
	if _, kept = r.lease(nil, 1, keep(fused, "fused")); r.pair(kept[0].Blob, "0.q").Rank != 2 || kept[0].Name != "fused" {
		t.Errorf("an attachment is kept as %v", kept)
	}
}

func TestKeptThingsThatAreNone(t *testing.T) {
	r := newRig(t)
	b, err := r.blobs.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	for want, kept := range map[string]method.Named{
		`expected "adapter" or "factors"`:           {Name: "lora", Blob: b},
		`what is kept under "optimiser" is of kind`: {Name: "optimiser", Blob: b},
	} {
		_, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{1}, Assign: []method.Assignment{keep(fit(resume))}, Kept: []method.Named{kept}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// What waits between two of a client's Fits is what it keeps: parameters and both moments, in
// the store. Gradients and the room of a step are the slot's, which its clients use in turn.
func TestAWaitingClientKeepsParametersAndMoments(t *testing.T) {
	r := newRig(t)
	whole := fit(resume, steps(2), func(_ *method.Fit, l *method.LoRA) { l.Modules, l.Rank = []string{"*"}, 4 })
	var clients [][]method.Named
	work := func(n int) {
		for range n {
			_, kept := r.lease(nil, uint64(len(clients)), keep(whole, "lora", "optimiser"))
			clients = append(clients, kept)
		}
	}
	work(16)
	numbers := map[string]int{}
	for _, k := range clients[0] {
		x, err := r.blobs.Open(k.Blob)
		if err != nil {
			t.Fatal(err)
		}
		for _, tensor := range x.List {
			numbers[k.Name] += len(tensor.Data)
		}
	}
	params := numbers["lora"]
	if params == 0 || numbers["optimiser"] != 2*params || len(numbers) != 2 {
		t.Fatalf("kept are %v numbers; expected as many parameters as there are, and two moments", numbers)
	}
	const more = 64
	least := math.MaxInt // of three: what grows for another reason grows once
	for range 3 {
		before := live()
		work(more)
		least = min(least, (live()-before)/more)
	}
	if least > 4*params/2 {
		t.Errorf("a client that waits holds %d bytes of heap beside the store; a gradient would be %d", least, 4*params)
	}
	runtime.KeepAlive(clients)
}

// live is the memory in bytes that is in use.
func live() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one found to be finalised
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
