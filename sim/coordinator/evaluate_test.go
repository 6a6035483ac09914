package coordinator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// moments are the evaluations of a trial, "set@moment rounds".
func moments(t *testing.T, x *trial) string {
	t.Helper()
	var all []string
	for _, e := range lines[ledger.Evaluate](t, x) {
		all = append(all, fmt.Sprintf("%s@%s %d", e.On, e.At, e.Round))
	}
	return strings.Join(all, ", ")
}

func TestMomentsOfEvaluation(t *testing.T) {
	stages := []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}
	for name, c := range map[string]struct {
		asks   []Ask
		rounds int
		stages []Stage
		want   string
	}{
		"none":                  {nil, 2, stages[:1], ""},
		"start":                 {[]Ask{{At: "start", On: "a"}}, 2, stages, "a@start 0"},
		"end":                   {[]Ask{{At: "end", On: "a"}}, 2, stages, "a@end 4"},
		"stage-end":             {[]Ask{{At: "stage-end", On: "a"}}, 2, stages, "a@stage-end 2, a@end 4"},
		"every round":           {[]Ask{{Every: 1, On: "a"}}, 2, stages, "a@start 0, a@round 1, a@round 2, a@round 3, a@end 4"},
		"every two of three":    {[]Ask{{Every: 2, On: "a"}}, 3, stages[:1], "a@start 0, a@round 2, a@end 3"},
		"every two of two":      {[]Ask{{Every: 2, On: "a"}}, 2, stages[:1], "a@start 0, a@end 2"},
		"every nine of two":     {[]Ask{{Every: 9, On: "a"}}, 2, stages[:1], "a@start 0, a@end 2"},
		"several at one moment": {[]Ask{{Every: 1, On: "a"}, {At: "end", On: "b"}, {At: "stage-end", On: "c"}}, 1, stages[:1], "a@start 0, a@end 1, b@end 1, c@end 1"},
		"several, in their order": {[]Ask{{At: "end", On: "b"}, {Every: 2, On: "a"}, {At: "start", On: "c"}}, 2, stages[:1],
			"a@start 0, c@start 0, b@end 2, a@end 2"},
	} {
		x := chain(1, c.stages, []Member{{Name: "first", Rounds: c.rounds}}, averager(1))
		x.fixed.Asks = c.asks
		for i := range x.fixed.Asks {
			x.fixed.Asks[i].Metrics = []string{"loss"}
		}
		x.mustRun(t)
		if got := moments(t, x); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// finishing is a member that folds n rounds and then says that it has finished, deploying
// what it is given.
func finishing(n int, deploy *method.Model) script {
	s := averager(1)
	plan := s.plan
	s.plan = func(r method.PlanRequest) method.PlanResponse {
		if r.Stage.Round == n {
			return method.PlanResponse{State: r.State, Deploy: deploy, Finished: true}
		}
		return plan(r)
	}
	return s
}

// Where the end was not foreseen, its curve has its point already, unless what is deployed
// has changed since. A trial without a round has both ends all the same.
func TestNoRoundIsEvaluatedTwice(t *testing.T) {
	for name, c := range map[string]struct {
		script script
		asks   []Ask
		want   string
	}{
		"finished":                {finishing(2, nil), []Ask{{Every: 1}}, "@start 0, @round 1, @round 2"},
		"finished between points": {finishing(3, nil), []Ask{{Every: 2}}, "@start 0, @round 2, @end 3"},
		"finished with a model":   {finishing(1, &method.Model{Base: "other"}), []Ask{{Every: 1}}, "@start 0, @round 1, @end 1"},
		"finished at once":        {finishing(0, nil), []Ask{{Every: 1}}, "@start 0, @end 0"},
		"asked for the end":       {finishing(1, nil), []Ask{{Every: 1}, {At: "end", On: "b"}}, "@start 0, @round 1, b@end 1"},
	} {
		x := one(1, 0, c.script)
		x.fixed.Asks = c.asks
		if got := moments(t, x.mustRun(t)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	void := one(1, 3, averager(1)) // the last round brings nothing
	void.fixed.Asks = []Ask{{Every: 2}}
	void.spoil(func(round int) bool { return round == 2 })
	if got, want := moments(t, void.mustRun(t)), "@start 0, @round 2"; got != want {
		t.Errorf("a last round for nothing: got %q, want %q", got, want)
	}
	passed := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}, // the last place is nobody's
		[]Member{{Name: "a", Rounds: 1}, {Name: "b", Rounds: 1, Stages: []string{"one"}}}, averager(1), averager(1))
	passed.fixed.Asks = []Ask{{Every: 1}}
	if got, want := moments(t, passed.mustRun(t)), "@start 0, @round 1, @round 2, @end 3"; got != want {
		t.Errorf("a member that does not come again: got %q, want %q", got, want)
	}
}

// A budget ends the trial at the close of the round that reaches it. Nothing is planned
// after it, by whichever member, in whichever stage; the end is evaluated, and written once.
func TestBudget(t *testing.T) {
	clock := one(1, 9, averager(1)).mustRun(t)
	second := lines[ledger.Fold](t, clock)[1]
	for name, c := range map[string]struct {
		budget Budget
		rounds int // until it is spent
	}{
		"rounds":          {Budget{Rounds: 2}, 2},
		"time":            {Budget{Time: second.Now}, 2},
		"a moment more":   {Budget{Time: second.Now + 0.01}, 3},
		"bytes":           {Budget{Bytes: 3 * perRank}, 2}, // up, then down and up
		"a byte more":     {Budget{Bytes: 3*perRank + 1}, 3},
		"the first of":    {Budget{Rounds: 3, Bytes: 3 * perRank}, 2},
		"more than there": {Budget{Rounds: 99, Time: 1e9, Bytes: 1e15}, 4},
	} {
		x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}, []Member{{Name: "a", Rounds: 2}}, averager(1))
		x.fixed.Budget = c.budget
		x.fixed.Asks = []Ask{{Every: 1, On: "a"}, {At: "stage-end", On: "b"}, {At: "end", On: "c"}}
		x.mustRun(t)
		want := []string{"a@start 0"}
		for r := 1; r < c.rounds; r++ {
			want = append(want, fmt.Sprintf("a@round %d", r))
			if r == 2 {
				want = append(want, "b@stage-end 2")
			}
		}
		for _, on := range []string{"a", "b", "c"} {
			want = append(want, fmt.Sprintf("%s@end %d", on, c.rounds))
		}
		if got := moments(t, x); got != strings.Join(want, ", ") {
			t.Errorf("%s: got  %q\nwant %q", name, got, want)
		}
		ends := lines[ledger.End](t, x)
		if len(x.plans) != c.rounds || len(ends) != 1 || ends[0].Rounds != c.rounds || !strings.HasSuffix(x.story(t), " end") {
			t.Errorf("%s: %d plans, ends %+v", name, len(x.plans), ends)
		}
	}
}

// The budget ends a chain between its members, and rounds that bring nothing spend it too.
func TestBudgetEndsAChain(t *testing.T) {
	x := chain(1, []Stage{{Name: "one", Base: "main"}, {Name: "two", Base: "main"}}, []Member{{Name: "a", Rounds: 1}, {Name: "b", Rounds: 1}}, averager(1), averager(1))
	x.fixed.Budget.Rounds = 1
	x.fixed.Asks = []Ask{{At: "stage-end"}}
	if got, want := x.mustRun(t).story(t), "trial plan(one a) report fold evaluate(end 1) end"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	void := one(1, 0, averager(1))
	void.spoil(func(int) bool { return true })
	void.fixed.Budget.Bytes = 5 * perRank
	if void.mustRun(t); len(void.plans) != 5 {
		t.Errorf("%d rounds for nothing took %d bytes each", len(void.plans), perRank)
	}
}

// Chunks are added up by weight in their order; where they are scored, and by how many, is
// in no line.
func TestChunksAddUp(t *testing.T) {
	x := one(1, 1, averager(1))
	x.world.chunks = []int{3, 1}
	x.fixed.Asks = []Ask{{At: "end", On: "test", By: []string{"y"}, Metrics: []string{"loss", "perplexity"}}, {At: "end", On: "valid", Metrics: []string{"loss"}}}
	x.answer = func(l Lease) method.WorkResponse {
		if l.Key.Whom.Pool != EvaluationPool {
			return x.work(l)
		}
		i := l.Key.Whom.Index
		score := l.Asked.Assign[0].Recipe.(method.Score)
		if want := []string{"evaluate/0/0", "evaluate/0/1", "evaluate/0/2", "evaluate/1/0"}[i]; score.Data.From[0].Name != want || score.Data.Draw != method.InOrder || len(score.Model.Attach) != 1 {
			t.Errorf("lease %d scores %+v", i, score)
		}
		value := []float64{1, 2, 4, 100}[i]
		return method.WorkResponse{Reports: []method.Report{{Name: "evaluate", Share: 1, Examples: 10 * (i + 1), Values: []method.Value{
			{Name: "loss", Value: value, Weight: float64(i + 1)}, {Name: "perplexity", Value: math.Exp(value), Weight: float64(i + 1)}}}}}
	}
	x.mustRun(t)
	all := lines[ledger.Evaluate](t, x)
	mean := (1*1 + 2*2 + 3*4) / 6.0
	if e := all[0]; e.Examples != 60 || e.Values[0] != (ledger.Value{Name: "loss", Value: ledger.Number(mean), Weight: 6}) || math.Abs(float64(e.Values[1].Value)-math.Exp(mean)) > 1e-12 {
		t.Errorf("three chunks add up to %+v", e)
	}
	fold, e := lines[ledger.Fold](t, x)[0], all[1]
	if e.Examples != 40 || e.Values[0].Value != 100 || e.Now != fold.Now || e.Up != perRank || e.Down != 0 || e.Flops != 500 || e.Stage != "train" {
		t.Errorf("the other is %+v", e)
	}
}

func TestCombine(t *testing.T) {
	got := Combine([]method.Value{
		{Name: "own", Value: 1, Weight: 1}, {Name: "loss", Group: "y=1", Value: 5, Weight: 2}, {Name: "loss", Value: 8, Weight: 1},
		{Name: "own", Value: 4, Weight: 3}, {Name: "loss", Group: "y=1", Value: 2, Weight: 1}, {Name: "loss", Value: math.NaN(), Weight: 0},
		{Name: "empty", Value: 7}, {Name: "perplexity", Value: 1, Weight: 1}, {Name: "perplexity", Value: math.E * math.E, Weight: 1},
	})
	want := []method.Value{{Name: "own", Value: 3.25, Weight: 4}, {Name: "loss", Group: "y=1", Value: 4, Weight: 3}, {Name: "loss", Value: 8, Weight: 1},
		{Name: "empty"}, {Name: "perplexity", Value: math.E, Weight: 2}}
	if !slices.EqualFunc(got, want, func(a, b method.Value) bool {
		return a.Name == b.Name && a.Group == b.Group && math.Abs(a.Value-b.Value) < 1e-15 && a.Weight == b.Weight
	}) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if v := Combine([]method.Value{{Name: "x", Value: math.NaN(), Weight: 1}, {Name: "x", Value: 1, Weight: 1}}); !math.IsNaN(v[0].Value) {
		t.Errorf("a value that is no number was lost: %+v", v)
	}
	if Combine(nil) != nil {
		t.Error("nothing adds up to something")
	}
}
