package coordinator

import (
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// What was attached leaves its name and is merged; what is scaled, shared out or a
// participant's own is not, and routers follow the names.
func TestGivenWay(t *testing.T) {
	from := func(b method.Blob) method.From { return method.From{Blob: b} }
	router := func(names ...string) method.Router {
		r := method.Router{By: method.Uniform}
		for _, n := range names {
			r.Over = append(r.Over, method.Expert{Attach: n})
		}
		return r
	}
	before := method.Model{Base: "main", Attach: []method.Attach{
		{Name: "merged.0", From: from("a"), Merge: true, Scale: 1},
		{Name: "lora", From: from("b"), Scale: 1, Rank: method.OwnRank},
		{Name: "gated", From: from("c"), Scale: 1, Gate: method.Sigmoid{Key: "k"}},
		{Name: "expert", From: from("d"), Scale: 1},
		{Name: "own", From: method.From{Kept: true}, Scale: 1},
	}, Routers: []method.Router{router("expert", "", "own")}}
	want := method.Model{Base: "main", Attach: []method.Attach{
		{Name: "merged.0", From: from("a"), Merge: true, Scale: 1},
		{Name: "start.1", From: from("b"), Merge: true, Scale: 1, Rank: method.OwnRank},
		{Name: "start.2", From: from("c"), Scale: 1, Gate: method.Sigmoid{Key: "k"}},
		{Name: "start.3", From: from("d"), Scale: 1},
		{Name: "own", From: method.From{Kept: true}, Scale: 1},
	}, Routers: []method.Router{router("start.3", "", "own")}}
	was := digest(before)
	got := givenWay(before)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if digest(before) != was {
		t.Error("the model that was given is written to")
	}
	if again := givenWay(got); !reflect.DeepEqual(again, want) {
		t.Errorf("once more gives %+v", again)
	}
}

// Members that attach under one name come after each other, thrice.
func TestMembersOfOneName(t *testing.T) {
	s := averager(1)
	fold := s.fold
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		out := fold(r)
		out.Deploy.Attach[len(out.Deploy.Attach)-1].Name = "lora" // what is trained is called that
		return out
	}
	x := chain(1, []Stage{{Name: "one", Base: "main"}}, []Member{{Name: "a", Rounds: 1}, {Name: "b", Rounds: 1}, {Name: "c", Rounds: 1}}, s, s, s).mustRun(t)
	if n := len(lines[ledger.Fold](t, x)); n != 3 {
		t.Errorf("%d folds", n)
	}
	for i, want := range [][]string{{}, {"start.0"}, {"start.0", "start.1"}} {
		names := []string{}
		for _, a := range x.plans[i].Request.Start.Attach {
			if names = append(names, a.Name); !a.Merge {
				t.Errorf("member %d builds on %q beside the weights", i, a.Name)
			}
		}
		if !reflect.DeepEqual(names, want) {
			t.Errorf("member %d builds on %v, want %v", i, names, want)
		}
	}
}
