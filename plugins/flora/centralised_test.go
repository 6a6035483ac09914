package flora

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// planned asks the bound for a round with clients of so many examples each.
func planned(t *testing.T, w *world, examples ...int) (method.Assignment, method.Fit) {
	t.Helper()
	who := offered(slices.Repeat([]int{4}, len(examples))...)
	for i, n := range examples {
		who[i].Examples = n
	}
	req := method.PlanRequest{Scene: w.scene(), Pools: []method.Pool{{Role: "client", Size: 100}}, Offered: who}
	out, err := w.m.Plan(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	if err := method.ValidatePlan(req, out, w.store.Has); err != nil || len(out.Assign) != 1 {
		t.Fatalf("planned %+v: %v", out, err)
	}
	w.state = out.State
	return out.Assign[0], out.Assign[0].Recipe.(method.Fit)
}

// One place has all data, makes the updates of everyone offered, goes on with its optimiser,
// and its schedule ends with the last round, also where cohorts are unlike.
func TestCentralisedMakesTheUpdatesOfAll(t *testing.T) {
	w := newWorld(t, Centralised())
	w.with["epochs"], w.with["batch"] = 1.5, 8
	all := 0
	for round := range 10 {
		examples := []int{20, 3, 9 + round}
		// Of 20: three batches, then 10 more examples in two; of 3: one and one.
		want := 5 + 2
		for _, n := range []int{9 + round, (int(float64(9+round)*1.5+0.5) - 9 - round)} {
			want += (n + 7) / 8
		}
		all += want
		a, f := planned(t, w, examples...)
		if f.Steps != want || f.Epochs != 0 || f.Resume != (round > 0) {
			t.Errorf("round %d: %d updates, %g epochs, resume %v; expected %d updates", round, f.Steps, f.Epochs, f.Resume, want)
		}
		if len(a.To) != 1 || a.To[0] != (method.ID{Pool: "client", Index: 0}) || !slices.Equal(f.Data.From, []method.Source{{Name: "pool"}}) {
			t.Errorf("round %d: asks %v for %+v", round, a.To, f.Data)
		}
		if round == 9 && f.Schedule.Total != all {
			t.Errorf("the schedule has %d updates, %d were asked for", f.Schedule.Total, all)
		}
		out := w.mustFold([]int{32}, client(round, 4, 2))
		if got := adapterIn(t, w.store, out.Deploy.Attach[0].From.Blob); !slices.Equal(got[0].B, client(round, 4, 2)[0].B) {
			t.Errorf("round %d deploys something else than what was made", round)
		}
	}
}

// A place that was lost has not begun: its optimiser is not asked to go on. A stage begins anew.
func TestCentralisedBeginsAnew(t *testing.T) {
	w := newWorld(t, Centralised())
	planned(t, w, 8)
	w.round++ // nothing came
	if _, f := planned(t, w, 8); f.Resume {
		t.Error("it goes on from nothing")
	}
	w.mustFold([]int{8}, client(0, 4, 2))
	if _, f := planned(t, w, 8); !f.Resume {
		t.Error("it does not go on")
	}
	w.round = 0
	if _, f := planned(t, w, 8, 8); f.Resume || f.Schedule.Total != 20 {
		t.Errorf("in the first round of a stage it goes on over %d updates", f.Schedule.Total)
	}
}

// The place is the first that can hold most; no limit is the most.
func TestWhereCentralisedIs(t *testing.T) {
	for _, c := range []struct {
		ranks  []int
		rank   int
		at, is int
		fails  string
	}{
		{ranks: []int{2, 8, 4, 8}, at: 1, is: 8},
		{ranks: []int{2, 8, 4, 8}, rank: 3, at: 1, is: 3},
		{ranks: []int{2, 0, 4}, rank: 6, at: 1, is: 6},
		{ranks: []int{2, 0, 4}, fails: "no limit on its rank"},
		{ranks: []int{2, 8}, rank: 9, fails: "can hold more than 8"},
	} {
		w := newWorld(t, Centralised())
		w.with["rank"] = c.rank
		out, err := w.m.Plan(context.Background(), method.PlanRequest{Scene: w.scene(), Offered: offered(c.ranks...)})
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("ranks %v and %d: %v", c.ranks, c.rank, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("ranks %v and %d: %v", c.ranks, c.rank, err)
			continue
		}
		a := out.Assign[0]
		if got := a.Recipe.(method.Fit).Train[0].(method.LoRA).Rank; a.To[0].Index != c.at || got != c.is {
			t.Errorf("ranks %v and %d: at %v with rank %d", c.ranks, c.rank, a.To, got)
		}
	}
}

func TestCentralisedRefusesAServer(t *testing.T) {
	for name, v := range map[string]any{"server": "fedadam", "control": "scaffold"} {
		w := newWorld(t, Centralised())
		w.with[name] = v
		found, err := w.m.(method.MethodWithCheck).Check(context.Background(), w.scene())
		if err != nil || len(found) != 1 || found[0].Path != "params."+name || !strings.Contains(found[0].Text, "one place") {
			t.Errorf("%s: %v, %v", name, found, err)
		}
	}
}
