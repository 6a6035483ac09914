package train_test

import (
	"math"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/train"
)

// rounds are blobs of so many adapters of some size on q and v, as rounds would make.
func (r rig) rounds(n int) (list []method.Attach) {
	r.t.Helper()
	for i := range n {
		a := given(2, 0.3)
		for k := range a {
			s := rng.New(uint64(i)).At(k).Stream()
			for j := range a[k].B {
				a[k].B[j] = float32(s.Norm())
			}
		}
		list = append(list, method.Attach{From: method.From{Blob: r.put(a)}, Merge: true})
	}
	return list
}

// A list of merges that grows by one a round is the same bits as the list done at once.
func TestMergesGrow(t *testing.T) {
	r := newRig(t)
	list := r.rounds(7)
	grown := &train.Merged{}
	losses := map[float64]bool{}
	for n := range len(list) + 1 {
		growing := r.loss(train.New(r.world, r.blobs, grown), attach(list[:n]...))
		fresh := r.loss(train.New(r.world, r.blobs, &train.Merged{}), attach(list[:n]...))
		if growing != fresh {
			t.Errorf("%d merges: loss %v grown, %v at once", n, growing, fresh)
		}
		losses[growing] = true
	}
	for _, n := range []int{2, 7, 0, 5, 7, 3} { // back and forth, beyond what is kept
		a := r.loss(train.New(r.world, r.blobs, grown), attach(list[:n]...))
		b := r.loss(train.New(r.world, r.blobs, &train.Merged{}), attach(list[:n]...))
		if a != b {
			t.Errorf("%d merges once more: %v, at once %v", n, a, b)
		}
	}
	if len(losses) != 8 {
		t.Errorf("eight models gave %d losses: the merges do nothing", len(losses))
	}
	half := list[0]
	half.Scale = 0.5
	first := list[0]
	first.Rank = 1
	for name, other := range map[string]method.Attach{"scale": half, "rank": first} {
		a, b := r.loss(train.New(r.world, r.blobs, grown), attach(other)), r.loss(train.New(r.world, r.blobs, &train.Merged{}), attach(other))
		if a != b || losses[a] {
			t.Errorf("at another %s: %v after other merges, %v alone", name, a, b)
		}
	}
}

func TestSlotsShareMerges(t *testing.T) {
	r := newRig(t)
	list := r.rounds(6)
	want := make([]float64, len(list)+1)
	for n := range want {
		want[n] = r.loss(train.New(r.world, r.blobs, &train.Merged{}), attach(list[:n]...))
	}
	shared := &train.Merged{}
	var wait sync.WaitGroup
	for slot := range 4 {
		wait.Go(func() {
			mine := train.New(r.world, r.blobs, shared)
			for i := range 14 {
				n := (i + slot) % len(want)
				out, err := mine.Work(method.WorkRequest{Whom: method.ID{Pool: "client"}, Draws: []uint64{0}, Assign: []method.Assignment{
					{Name: "score", Recipe: method.Score{Model: attach(list[:n]...), Metrics: []string{"loss"}}}}}, nil)
				if err != nil {
					t.Error(err)
					return
				}
				if got := out.Reports[0].Values[0].Value; got != want[n] {
					t.Errorf("slot %d: %d merges give %v, alone %v", slot, n, got, want[n])
				}
			}
		})
	}
	wait.Wait()
}

// Beside the weights or in them, an attachment answers alike, but for rounding; a dense one
// is merged whatever it says. The scale and the leading rows of an attachment count.
func TestAttachments(t *testing.T) {
	r := newRig(t)
	a := given(4, 0.2)
	dense := lora.Adapter{}
	for _, p := range a {
		dense = append(dense, lora.Pair{Module: p.Module, Out: p.Out, In: p.In, Scale: 1, D: p.Delta().Narrow()})
	}
	leading, err := a.Truncate(2)
	if err != nil {
		t.Fatal(err)
	}
	scaled := a.Rescale(0.2) // a copy of the list
	for i := range scaled {
		scaled[i].Scale *= 0.5
	}
	started := lora.Adapter{a[0]}
	started[0].A0, started[0].B0 = a[0].A, a[0].B // its change is 0
	put := func(a lora.Adapter) method.From { return method.From{Blob: r.put(a)} }
	near := func(what string, x, y method.Model) {
		t.Helper()
		if a, b := r.loss(r.train, x), r.loss(r.train, y); math.Abs(a-b) > 1e-5*b {
			t.Errorf("%s: loss %v and %v", what, a, b)
		}
	}
	beside := attach(method.Attach{From: put(a)})
	if r.loss(r.train, beside) == r.loss(r.train, main) {
		t.Fatal("an attachment does nothing")
	}
	near("merged", attach(method.Attach{From: put(a), Merge: true}), beside)
	near("dense", attach(method.Attach{From: put(dense)}), beside)
	near("leading rows", attach(method.Attach{From: put(a), Rank: 2}), attach(method.Attach{From: put(leading)}))
	near("half", attach(method.Attach{From: put(a), Scale: 0.5}), attach(method.Attach{From: put(scaled)}))
	near("half, merged", attach(method.Attach{From: put(a), Scale: 0.5, Merge: true}), attach(method.Attach{From: put(scaled)}))
	near("there and back", attach(method.Attach{From: put(a)}, method.Attach{From: put(a), Scale: -1, Merge: true}), main)
	near("a start", attach(method.Attach{From: put(started)}), main)
	near("a start, merged", attach(method.Attach{From: put(started), Merge: true}), main)
}

// An attachment that stands beside the weights is frozen, and a fit goes on from it.
func TestFitOnTopOfAttachments(t *testing.T) {
	r := newRig(t)
	from := method.From{Blob: r.put(given(2, 0.2))}
	on := func(m method.Model) method.Report {
		return r.do(0, 1, fit(sgd, oneStep, func(f *method.Fit, _ *method.LoRA) { f.Model = m }))
	}
	plain, beside, merged := on(main), on(attach(method.Attach{From: from})), on(attach(method.Attach{From: from, Merge: true}))
	if plain.Blob("lora") == beside.Blob("lora") {
		t.Error("an attachment does not change what is learned on top of it")
	}
	if d := apart(r.pair(merged.Blob("lora"), "0.q"), r.pair(beside.Blob("lora"), "0.q")); d > 1e-4 {
		t.Errorf("on a merged attachment and on one beside the weights, what is learned is %.2g apart", d)
	}
}
