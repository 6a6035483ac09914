package coordinator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// starts are what the plans were told to build on: "stage member: base blob blob".
func starts(x *trial) (all []string) {
	for _, p := range x.plans {
		text := fmt.Sprintf("%s %d: %s", p.Request.Stage.Name, p.Member, p.Request.Start.Base)
		for _, a := range p.Request.Start.Attach {
			text += " " + string(a.From.Blob[:4])
		}
		all = append(all, text)
	}
	return all
}

// Two members and two stages: the first begins each stage on the base, the second on what
// the first deployed; their states live on, and what the second made is not added twice.
func TestChainStartsFromTheMemberBefore(t *testing.T) {
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}},
		[]Member{{Name: "a", Rounds: 1}, {Name: "b", Rounds: 2}}, stacker(), stacker()).ranks(1).mustRun(t)
	folds := lines[ledger.Fold](t, x)
	blob := func(i int) string { h := folds[i].Holds; return string(h[len(h)-1][:4]) }
	want := []string{
		"one 0: main",
		"one 1: main " + blob(0), "one 1: main " + blob(0),
		"two 0: main",
		"two 1: main " + blob(0) + " " + blob(3), "two 1: main " + blob(0) + " " + blob(3),
	}
	if got := starts(x); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	var held []int
	for _, f := range folds {
		held = append(held, len(f.Holds))
	}
	if fmt.Sprint(held) != "[1 1 2 2 3 4]" {
		t.Errorf("states hold %v stacks", held)
	}
	if got := x.plans[5].Request; got.Round != 5 || got.Stage != (method.Stage{Name: "two", Index: 1, Count: 2, Round: 1, Rounds: 2}) {
		t.Errorf("the last plan is of round %d, %+v", got.Round, got.Stage)
	}
}

// A member that works in some stages only; the one before it may have worked in an earlier.
func TestMembersOfSomeStages(t *testing.T) {
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}, {Name: "three", Base: "main"}},
		[]Member{{Name: "a", Rounds: 1, Stages: []string{"two"}}, {Name: "b", Rounds: 1, Stages: []string{"three", "one"}}}, averager(1), averager(1)).mustRun(t)
	if got, want := x.story(t), "trial plan(one b) report fold plan(two a) report fold plan(three b) report fold end"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	folds := lines[ledger.Fold](t, x)
	want := []string{"one 1: main", "two 0: main", "three 1: main " + string(folds[1].Holds[0][:4])}
	if got := starts(x); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Nobody works in the first stage, nor in the last: the trial passes through them.
func TestStagesWithoutAMember(t *testing.T) {
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}, {Name: "three", Base: "main"}},
		[]Member{{Name: "a", Rounds: 1, Stages: []string{"two"}}}, averager(1))
	x.fixed.Asks = []Ask{{Every: 1, Metrics: []string{"loss"}}, {At: "stage-end", Metrics: []string{"loss"}}}
	x.mustRun(t)
	if got, want := x.story(t), "trial evaluate(start 0) evaluate(stage-end 0) plan(two a) report fold evaluate(stage-end 1) evaluate(end 1) evaluate(end 1) end"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A stage with another base begins there, and so does what answers users.
func TestStageWithAnotherBase(t *testing.T) {
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "other"}},
		[]Member{{Name: "a", Rounds: 1, Stages: []string{"one"}}, {Name: "b", Rounds: 1}}, averager(1), stacker()).ranks(1).mustRun(t)
	folds := lines[ledger.Fold](t, x)
	if got, want := starts(x), []string{"one 0: main", "one 1: main " + string(folds[0].Holds[0][:4]), "two 1: other"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	s := averager(1)
	s.plan = func(r method.PlanRequest) method.PlanResponse { return method.PlanResponse{Finished: true} }
	x = chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "other"}}, []Member{{Name: "a"}}, s).mustRun(t)
	if got, want := lines[ledger.End](t, x)[0].Deploy, digest(method.Model{Base: "other"}); got != want {
		t.Errorf("at the end %s is deployed, want the bare base %s", got, want)
	}
}

// Finished ends a member's stage and not the trial; its plan is written, its deployment
// counts, and no two plans have one number.
func TestFinished(t *testing.T) {
	s := averager(1)
	plan := s.plan
	prompt := must(fakeStore{}.Put(random(3, 1).Tensors()))
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		if r.Stage.Round < 2 {
			return plan(r)
		}
		m := with(r.Start, false, prompt)
		return method.PlanResponse{State: method.State{Bytes: []byte{1}}, Deploy: &m, Finished: true}
	}
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}, []Member{{Name: "a"}, {Name: "b", Rounds: 1}}, s, averager(1))
	must(x.store.Put(random(3, 1).Tensors()))
	x.mustRun(t)
	stage := " plan(S a) report fold plan(S a) report fold plan(S a) plan(S b) report fold"
	if got, want := x.story(t), "trial"+strings.ReplaceAll(stage, "S", "one")+strings.ReplaceAll(stage, "S", "two")+" end"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i, p := range lines[ledger.Plan](t, x) {
		if p.Round != i || x.plans[i].Request.Round != i {
			t.Errorf("plan %d has number %d, and was asked as %d", i, p.Round, x.plans[i].Request.Round)
		}
	}
	if got, want := starts(x)[3], "one 1: main "+string(prompt[:4]); got != want {
		t.Errorf("the second member builds on %s, want %s", got, want)
	}
	if end := lines[ledger.End](t, x)[0]; end.Rounds != 6 {
		t.Errorf("%d rounds were folded, want 6", end.Rounds)
	}
}

// A sweep offers everyone once, to each member and in each stage anew. Left falls to 0 with
// the last cohort, and one more plan is asked, with nobody offered, so that the method can
// say that it has finished.
func TestSweep(t *testing.T) {
	s := averager(1)
	plan := s.plan
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		if len(r.Offered) == 0 {
			return method.PlanResponse{State: r.State, Finished: true}
		}
		return plan(r)
	}
	x := chain(5, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}, []Member{{Name: "a"}, {Name: "b"}}, s, s)
	x.fixed.Pools[0].Sweep, x.fixed.Pools[0].Cohort = true, 2
	x.mustRun(t)
	var got []string
	for _, p := range x.plans {
		text := fmt.Sprintf("%s%d left %d:", p.Request.Stage.Name, p.Member, p.Request.Pools[0].Left)
		for _, o := range p.Request.Offered {
			text += fmt.Sprint(" ", o.ID.Index)
		}
		got = append(got, text)
	}
	var want []string
	for _, m := range []string{"one0", "one1", "two0", "two1"} {
		want = append(want, m+" left 3: 0 1", m+" left 1: 2 3", m+" left 0: 4", m+" left 0:")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if p := x.plans[0].Request.Pools[0]; p.Role != "client" || p.Size != 5 {
		t.Errorf("the pool is shown as %+v", p)
	}

	endless := one(5, 0, averager(1))
	endless.fixed.Pools[0].Sweep, endless.fixed.Pools[0].Cohort = true, 2
	if err := endless.run(); err == nil || !strings.Contains(err.Error(), `assignment "fit": it is for everyone offered, and the sweep has offered everyone already: give the method `+"`rounds: 3`") {
		t.Errorf("a method that goes on after the sweep: %v", err)
	}
}

// A pool that is drawn from is named by the trial's round, so that later members meet
// others; its Left is its size.
func TestOffersAreNamedByTheRound(t *testing.T) {
	x := chain(3, []Stage{{Name: "one", Base: "main"}}, []Member{{Name: "a", Rounds: 2}, {Name: "b", Rounds: 1, Roles: map[method.Role]string{"client": "phones"}}}, averager(1), averager(1))
	x.fixed.Pools = append(x.fixed.Pools, Pool{Name: "phones", Size: 2})
	x.world.pools = x.fixed.Pools
	x.mustRun(t)
	if want := []string{"client 0", "client 1", "phones 2"}; !slices.Equal(x.world.offers, want) {
		t.Errorf("asked for %q, want %q", x.world.offers, want)
	}
	last := x.plans[2].Request
	if last.Pools[0] != (method.Pool{Role: "client", Size: 2, Left: 2}) || last.Offered[0].Role != "client" || last.Offered[1].ID != (method.ID{Pool: "phones", Index: 1}) {
		t.Errorf("offered are %+v of %+v", last.Offered, last.Pools)
	}
}

// Participants come in order of pool and index, whatever the order of roles; who sees no
// data is not offered.
func TestOfferIsInParticipantOrder(t *testing.T) {
	x := one(2, 1, averager(1))
	x.fixed.Members[0].Card.Roles = []method.Role{"client", "anchor"}
	x.fixed.Pools = append(x.fixed.Pools, Pool{Name: "anchor", Size: 12})
	x.world.pools = x.fixed.Pools
	x.world.examples = func(id method.ID) int { return (id.Index + 1) % 3 }
	x.mustRun(t)
	var got []string
	for _, o := range x.plans[0].Request.Offered {
		got = append(got, fmt.Sprintf("%s %s", o.ID, o.Role))
	}
	want := "[anchor/0 anchor anchor/1 anchor anchor/3 anchor anchor/4 anchor anchor/6 anchor anchor/7 anchor anchor/9 anchor anchor/10 anchor client/0 client client/1 client]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
}

// Who sees nothing is not offered, but where nobody is to see anything all are.
func TestBlindStages(t *testing.T) {
	for _, blind := range []bool{false, true} {
		x := one(3, 1, averager(1))
		x.fixed.Stages[0].Blind = blind
		x.world.examples = func(id method.ID) int { return id.Index % 2 }
		x.mustRun(t)
		want := 1
		if blind {
			want = 3
		}
		if got := lines[ledger.Plan](t, x)[0].Offered; got != want {
			t.Errorf("blind %v: %d are offered, expected %d", blind, got, want)
		}
	}
}

// A stage may offer a pool in its own way.
func TestStagesOffer(t *testing.T) {
	x := one(4, 2, averager(1))
	x.fixed.Stages[0].Offers = map[string]Offer{"client": {Cohort: 3}}
	x.mustRun(t)
	if got := lines[ledger.Plan](t, x)[0].Offered; got != 3 {
		t.Errorf("%d are offered, expected 3", got)
	}
}
