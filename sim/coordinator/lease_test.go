package coordinator

import (
	"fmt"
	"slices"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Each is given the recipe at its own rank, and the recipe of the plan stays as it is.
func TestOwnRank(t *testing.T) {
	scored := method.Score{Metrics: []string{"loss"}}
	s := stacker()
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		on := with(r.Start, false, r.State.Holds...)
		for i := range on.Attach {
			on.Attach[i].Rank = method.OwnRank
		}
		scored.Model = on
		f := fit(on, method.LoRA{Rank: method.OwnRank})
		second := f.Train[0].(method.LoRA)
		second.Name, second.Rank = "fixed", 5
		f.Train = append(f.Train, second)
		return ask(r.State, f, scored)
	}
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		return method.FoldResponse{State: r.State.Hold(must(r.Blobs.Put(random(1, 4).Tensors())))}
	}
	x := one(3, 2, s).ranks(4, 2, 1)
	x.answer = func(l Lease) method.WorkResponse {
		r := x.work(l)
		r.Reports[0].Made = append(r.Reports[0].Made, method.Named{Name: "fixed", Blob: r.Reports[0].Made[0].Blob})
		return r
	}
	x.mustRun(t)
	for round, leases := range x.leases {
		for i, l := range leases {
			want := []int{4, 2, 1}[i]
			f := l.Asked.Assign[0].Recipe.(method.Fit)
			if got := f.Train[0].(method.LoRA).Rank; got != want {
				t.Errorf("%s trains at rank %d, want %d", l.Key.Whom, got, want)
			}
			if got := f.Train[1].(method.LoRA).Rank; got != 5 {
				t.Errorf("the rank that the method chose became %d", got)
			}
			for _, m := range []method.Model{f.Model, l.Asked.Assign[1].Recipe.(method.Score).Model} {
				if len(m.Attach) != round || round > 0 && m.Attach[0].Rank != want {
					t.Errorf("round %d: %s works on %+v, want rank %d", round, l.Key.Whom, m.Attach, want)
				}
			}
		}
	}
	if p := lines[ledger.Plan](t, x)[0]; p.Assign[0].Recipe == "" || p.Assign[0].To != 3 {
		t.Errorf("the plan's line is %+v", p)
	}
	sample, err := own(method.Sample{Model: method.Model{Attach: []method.Attach{{Rank: method.OwnRank}}}}, 2)
	if m := sample.(method.Sample).Model; err != nil || m.Attach[0].Rank != 2 {
		t.Errorf("a Sample's attachment is used at rank %d, %v; want the participant's own, 2", m.Attach[0].Rank, err)
	}
	rank0, err := own(method.Score{Model: method.Model{Attach: []method.Attach{{Rank: method.OwnRank}, {Rank: 3}}}}, 0)
	if m := rank0.(method.Score).Model; err != nil || m.Attach[0].Rank != 0 || m.Attach[1].Rank != 3 {
		t.Errorf("without a limit an attachment is used at rank %d (all rows are meant), %v", m.Attach[0].Rank, err)
	}
}

// bytes are the bytes down and up of a participant in each round it took part in.
func traffic(t *testing.T, x *trial, whom string) (all []string) {
	t.Helper()
	for _, r := range lines[ledger.Report](t, x) {
		if r.From == whom {
			all = append(all, fmt.Sprintf("%d:%d/%d", r.Round, r.Down, r.Up))
		}
	}
	return all
}

// F5, FLoRA: each sends (m+n)·r_k numbers and receives (m+n)·R, the newest stack only.
func TestBytesOfStacking(t *testing.T) {
	x := one(3, 3, stacker()).ranks(2, 1, 1).mustRun(t) // R = 4, below out·in/(out+in)
	for i, r := range []int{2, 1, 1} {
		want := []string{fmt.Sprintf("0:0/%d", perRank*r), fmt.Sprintf("1:%d/%d", 4*perRank, perRank*r), fmt.Sprintf("2:%d/%d", 4*perRank, perRank*r)}
		if got := traffic(t, x, fmt.Sprintf("client/%d", i)); !slices.Equal(got, want) {
			t.Errorf("client/%d: %v, want %v", i, got, want)
		}
	}
	if end := lines[ledger.End](t, x)[0]; end.Up != 3*4*perRank || end.Down != 2*3*4*perRank {
		t.Errorf("in all %d up and %d down", end.Up, end.Down)
	}
}

// F5, FedIT: (m+n)·r down and up, each and in each round, but for the first down.
func TestBytesOfAveraging(t *testing.T) {
	x := one(2, 3, averager(3)).mustRun(t)
	want := []string{"0:0/672", "1:672/672", "2:672/672"}
	for _, whom := range []string{"client/0", "client/1"} {
		if got := traffic(t, x, whom); !slices.Equal(got, want) || 3*perRank != 672 {
			t.Errorf("%s: %v, want %v", whom, got, want)
		}
	}
}

// Who comes late, or sat rounds out, downloads what was merged meanwhile, and no more.
func TestBytesOfThoseWhoWereAway(t *testing.T) {
	x := one(3, 5, stacker()).ranks(1, 1, 1)
	x.world.offer = func(_ string, round int) []int { return [][]int{{0, 1}, {0, 1}, {1}, {0, 1}, {1, 2}}[round] }
	x.mustRun(t)
	both, single := 2*perRank, perRank // a stack of two adapters, and of one
	for whom, want := range map[string][]string{
		"client/0": {"0:0/224", fmt.Sprintf("1:%d/224", both), fmt.Sprintf("3:%d/224", both+single)},
		"client/1": {"0:0/224", fmt.Sprintf("1:%d/224", both), fmt.Sprintf("2:%d/224", both), fmt.Sprintf("3:%d/224", single), fmt.Sprintf("4:%d/224", both)},
		"client/2": {fmt.Sprintf("4:%d/224", 3*both+single)},
	} {
		if got := traffic(t, x, whom); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", whom, got, want)
		}
	}
}

// What one lease names twice is fetched once, by the assignment that is first; what the
// lease before named and this one does not is forgotten.
func TestBytesOfOneLease(t *testing.T) {
	x := one(1, 3, script{})
	a, b := x.store.put(t, random(1, 1)), x.store.put(t, random(2, 2))
	x.methods[0] = script{
		plan: func(r method.PlanRequest) method.PlanResponse {
			on := with(r.Start, false, a, a)
			if r.Round == 1 {
				on = with(r.Start, false, b)
			}
			f := fit(on, method.LoRA{Rank: 1})
			f.Train[0] = withStart(f.Train[0], a)
			return ask(r.State, f, fit(with(r.Start, false, b), method.LoRA{Rank: 1}))
		},
		fold: func(r method.FoldRequest) method.FoldResponse { return method.FoldResponse{State: r.State} },
	}
	x.mustRun(t)
	var down []int64
	for _, r := range lines[ledger.Report](t, x) {
		down = append(down, r.Down/perRank)
	}
	// By name, "again" comes before "fit". Round 0: fit a, again b. Round 1: both are there.
	// Round 2 as well: the last lease named a as a start, and b.
	if want := []int64{2, 1, 0, 0, 0, 0}; !slices.Equal(down, want) {
		t.Errorf("downloads are %v adapters, want %v", down, want)
	}
}

func withStart(p method.Part, b method.Blob) method.Part {
	l := p.(method.LoRA)
	l.From.Blob = b
	return l
}

// A round takes as long as its slowest participant; one that is asked for several things
// does them one after the other.
func TestVirtualTimeIsTheSlowest(t *testing.T) {
	s := averager(1)
	plan := s.plan
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		f := plan(r).Assign[0].Recipe
		out := ask(r.State, f, f, f)
		out.Assign[1].To = []method.ID{{Pool: "client", Index: 2}}
		out.Assign[2].To = out.Assign[1].To
		return out
	}
	x := one(3, 2, s)
	x.world.delay = func(id method.ID) method.Seconds { return []method.Seconds{3, 7, 1}[id.Index] }
	x.mustRun(t)
	each := 224/50.0 + 0.5 // upload, work
	now := method.Seconds(0)
	for round, f := range lines[ledger.Fold](t, x) {
		down := 2.24 * float64(min(round, 1)) // client/2 downloads the mean once, for all three
		slowest := max(7+each+down, down+3*(1+each))
		want := now + method.Seconds(slowest)
		if d := f.Now - want; d > 1e-9 || d < -1e-9 {
			t.Errorf("round %d closes at %v, want %v", round, f.Now, want)
		}
		if r := x.folds[round].Request; r.Now != f.Now || x.plans[round].Request.Now != now {
			t.Errorf("round %d is planned at %v and folded at %v", round, x.plans[round].Request.Now, r.Now)
		}
		now = f.Now
	}
	if end := lines[ledger.End](t, x)[0]; end.Now != now || end.Flops != 2*5*500 {
		t.Errorf("the end is at %v after %g FLOP", end.Now, end.Flops)
	}
}

// Draws are named by place in the chain, participant, assignment and how often it was
// asked so far, and not by the round.
func TestDraws(t *testing.T) {
	x := chain(2, []Stage{{Name: "one", Base: "main"}}, []Member{{Name: "a", Rounds: 2}, {Name: "b", Rounds: 2}}, averager(1), averager(1))
	x.world.offer = func(_ string, round int) []int { return [][]int{{0, 1}, {1}, {0, 1}, {0}}[round] }
	x.mustRun(t)
	for turn, want := range [][]string{{"0 0 0", "0 1 0"}, {"0 1 1"}, {"1 0 0", "1 1 0"}, {"1 0 1"}} {
		for i, l := range x.leases[turn] {
			var member, index, times int
			fmt.Sscan(want[i], &member, &index, &times)
			if got, want := l.Draws[0], seed("work", member, "client", index, "fit", times); got != want || len(l.Draws) != 1 || l.Asked.Round != turn {
				t.Errorf("turn %d, %s in round %d draws %d, want %d: time %d for member %d", turn, l.Key.Whom, l.Asked.Round, got, want, times, member)
			}
		}
	}
}

// A note is handed back when its participant is offered again, the last one counts, and an
// empty one takes it back.
func TestNotes(t *testing.T) {
	s := averager(1)
	fold := s.fold
	s.fold = func(r method.FoldRequest) method.FoldResponse {
		out := fold(r)
		id := func(i int) method.ID { return method.ID{Pool: "client", Index: i} }
		out.Notes = [][]method.Note{
			{{About: id(0), Text: []byte("old")}, {About: id(0), Text: []byte("zero")}, {About: id(2), Text: []byte("two")}},
			{{About: id(0)}}, {}, {}}[r.Round]
		return out
	}
	x := one(3, 4, s)
	x.world.offer = func(_ string, round int) []int { return [][]int{{0, 1, 2}, {0, 1}, {0, 2}, {2}}[round] }
	x.mustRun(t)
	var got []string
	for _, p := range x.plans {
		for _, o := range p.Request.Offered {
			got = append(got, fmt.Sprintf("%d%s=%s", p.Request.Round, o.ID, o.Note))
		}
	}
	if want := "[0client/0= 0client/1= 0client/2= 1client/0=zero 1client/1= 2client/0= 2client/2=two 3client/2=two]"; fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
