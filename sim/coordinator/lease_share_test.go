package coordinator

import (
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/plugins/method"
)

// Of a round of many thousands each lease is a few words, and points to what is asked: those of a rank
// to the same, in every order. Of whom more is asked, or what is cut for him or looks at what he keeps,
// has his own.
func TestWhatIsAskedOfManyIsSharedByTheirLeases(t *testing.T) {
	if n := unsafe.Sizeof(Lease{}); n > 64 {
		t.Errorf("a lease takes %d bytes", n)
	}
	s := script{fold: func(r method.FoldRequest) method.FoldResponse { return method.FoldResponse{State: r.State} }}
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		whole := method.Assignment{Name: "fit", Recipe: fit(r.Start, method.LoRA{Name: "lora", Modules: []string{"*.q"}, Rank: method.OwnRank, Scale: 1}), Keep: []string{"lora"}}
		more := method.Assignment{Name: "more", To: []method.ID{{Pool: "client", Index: 4}}, Recipe: whole.Recipe}
		return method.PlanResponse{State: r.State, Assign: []method.Assignment{whole, more}}
	}
	x := one(5, 2, s).ranks(4, 2, 4, 2, 4)
	x.answer = func(l Lease) method.WorkResponse {
		r := x.work(l)
		r.Kept = r.Reports[0].Made
		return r
	}
	x.mustRun(t)
	if len(x.leases) != 2 {
		t.Fatalf("%d rounds", len(x.leases))
	}
	first, second := x.leases[0], x.leases[1]
	if first[0].Asked != first[2].Asked || first[1].Asked != first[3].Asked || first[0].Asked == first[1].Asked {
		t.Error("those who are asked the same do not share it, or others do")
	}
	if first[4].Asked == first[0].Asked || len(first[4].Asked.Assign) != 2 || len(first[0].Asked.Assign) != 1 {
		t.Errorf("of one who is asked for more %d assignments are asked, and of others %d", len(first[4].Asked.Assign), len(first[0].Asked.Assign))
	}
	for _, l := range second {
		if w := l.Work(); len(w.Kept) != 1 || w.Whom != l.Key.Whom || len(w.Draws) != len(w.Assign) {
			t.Errorf("%s is asked with %d kept, %d draws and %d assignments, as %s", l.Key.Whom, len(w.Kept), len(w.Draws), len(w.Assign), w.Whom)
		}
	}
	if second[0].Asked == second[2].Asked || len(first[0].Asked.Kept) != 0 {
		t.Error("what one keeps is in the lease of another")
	}
}
