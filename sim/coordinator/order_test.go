package coordinator

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"pgregory.net/rapid"
)

// cohort is a trial of two rounds whose evaluations have two chunks each.
func cohort(n int) *trial {
	x := one(n, 2, stacker()).ranks(slices.Repeat([]int{2, 1}, n)[:n]...)
	x.fixed.Asks = []Ask{{Every: 1, On: "test", Metrics: []string{"loss", "own"}}, {At: "end", On: "valid", Metrics: []string{"perplexity"}}}
	return x
}

func TestAnswersInEveryOrderGiveOneHash(t *testing.T) {
	want := cohort(4).mustRun(t).hash
	for _, order := range permutations(4) {
		x := cohort(4)
		x.arrive = func(all []Input) []Input {
			out := slices.Clone(all)
			for to, from := range order[:min(len(order), len(all))] {
				out[to] = all[from%len(all)]
			}
			if len(all) == 2 {
				out[0], out[1] = all[order[0]%2], all[1-order[0]%2]
			}
			return out
		}
		if got := x.mustRun(t).hash; got != want {
			t.Errorf("in order %v: %s, want %s", order, got, want)
		}
	}
}

func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{{}}
	}
	for _, p := range permutations(n - 1) {
		for at := range n {
			all = append(all, slices.Insert(slices.Clone(p), at, n-1))
		}
	}
	return all
}

// In any order, doubled, after the round has closed and in later turns: only the first
// answer to a key counts, even where a later one says something else.
func TestAnswersAnyHowGiveOneHash(t *testing.T) {
	want := cohort(12).mustRun(t).hash
	rapid.Check(t, func(t *rapid.T) {
		x := cohort(12)
		var past []Input
		x.arrive = func(all []Input) []Input {
			out := rapid.Permutation(all).Draw(t, "order")
			for range rapid.IntRange(0, 5).Draw(t, "extra") {
				again := *rapid.SampledFrom(append(slices.Clone(past), out...)).Draw(t, "again").(*Worked)
				at := len(out)
				if i := slices.IndexFunc(out, func(in Input) bool { return in.(*Worked).Key == again.Key }); i >= 0 {
					at = i + 1 // its first answer has come
				}
				again.Response = method.WorkResponse{Reports: []method.Report{{Name: "nonsense"}}}
				out = slices.Insert(out, rapid.IntRange(min(at, len(out)), len(out)).Draw(t, "at"), Input(&again))
			}
			past = append(past, all...)
			return out
		}
		if err := x.run(); err != nil {
			t.Fatal(err)
		}
		if x.hash != want {
			t.Fatalf("got %s, want %s", x.hash, want)
		}
	})
}

// stopAt steps a trial until an effect of one type comes, and returns its machine.
func stopAt[E Effect](t *testing.T, x *trial) (*Machine, E) {
	t.Helper()
	m, _, err := x.machine()
	if err != nil {
		t.Fatal(err)
	}
	todo := []Input{Begin{}}
	for {
		if len(todo) == 0 {
			t.Fatal("it never came")
		}
		effects, err := m.Step(todo[0])
		if err != nil {
			t.Fatal(err)
		}
		todo = todo[1:]
		for _, e := range effects {
			if is, ok := e.(E); ok {
				return m, is
			}
			todo = append(todo, x.carryOut(e)...)
		}
	}
}

// An answer that was never asked for is refused and changes nothing, in work and in
// evaluation alike.
func TestUnaskedAnswersAreRefused(t *testing.T) {
	atWork := one(2, 1, averager(1))
	atScores := cohort(2)
	for name, x := range map[string]*trial{"work": atWork, "evaluation": atScores} {
		m, work := stopAt[DoWork](t, x)
		before := x.book.String()
		for says, key := range map[string]Key{
			"client/7 answered, and was asked nothing in turn 1":       {1, method.ID{Pool: "client", Index: 7}},
			"evaluation/9 answered, and was asked nothing in turn 1":   {1, method.ID{Pool: EvaluationPool, Index: 9}},
			"client/0 answered in turn 2, which has not come":          {2, method.ID{Pool: "client"}},
			"client/0 answered in turn 0, which has not come":          {0, method.ID{Pool: "client"}},
			"/0 answered in turn -1, which has not come":               {-1, method.ID{}},
			"client/-1 answered, and was asked nothing in turn 1":      {1, method.ID{Pool: "client", Index: -1}},
			"evaluation/-1 answered, and was asked nothing in turn 1 ": {1, method.ID{Pool: EvaluationPool, Index: -1}},
		} {
			effects, err := m.Step(&Worked{Key: key, Response: x.work(work.Leases[0])})
			if effects != nil || !errors.Is(err, ErrAnswer) || !strings.Contains(err.Error(), strings.TrimSpace(says)) {
				t.Errorf("%s: got %v, %v", name, effects, err)
			}
		}
		if x.book.String() != before {
			t.Error("a refused answer was written")
		}
		for i, l := range work.Leases {
			effects, err := m.Step(&Worked{Key: l.Key, Response: x.work(l)})
			if err != nil || (len(effects) > 0) != (i == len(work.Leases)-1) {
				t.Fatalf("%s: after the refusals, answer %d brings %v, %v", name, i, effects, err)
			}
		}
	}
}

// Answers before the trial begins, and inputs that are not waited for, are refused.
func TestInputsOutOfTurn(t *testing.T) {
	x := one(1, 1, averager(1))
	m, _, err := x.machine()
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range []Input{Planned{}, Folded{}, &Worked{}} {
		if _, err := m.Step(in); err == nil {
			t.Errorf("%T was taken before the trial began", in)
		}
	}
	m, _ = stopAt[AskPlan](t, one(1, 1, averager(1)))
	for _, in := range []Input{Begin{}, Folded{}} {
		if _, err := m.Step(in); err == nil || !strings.Contains(err.Error(), "came while planning") {
			t.Errorf("%T while planning: %v", in, err)
		}
	}
}
