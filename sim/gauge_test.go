package sim_test

import (
	"testing"

	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/simtest"
)

// watch runs a trial and returns what was said of its progress.
func watch(t *testing.T, sets ...string) (said []sim.Progress) {
	t.Helper()
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t, sets...), nil))
	s.Watch = func(p sim.Progress) { said = append(said, p) }
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestProgressIsMonotoneAndComplete(t *testing.T) {
	said := watch(t)
	whats := ""
	for i, p := range said {
		if i == 0 {
			whats = p.What
			continue
		}
		was := said[i-1]
		if p.Round < was.Round || p.ClientRuns < was.ClientRuns || p.Rounds != 2 || p.Done > p.Of || p.Failures != 0 {
			t.Errorf("%+v came after %+v", p, was)
		}
		switch {
		case p.What == was.What && (p.Done != was.Done+1 || p.Of != was.Of):
			t.Errorf("%+v came after %+v", p, was)
		case p.What != was.What && (was.Done != was.Of || p.Done != 0):
			t.Errorf("%+v came before %+v was complete", p, was)
		case p.What != was.What:
			whats += " " + p.What
		}
	}
	if whats != "evaluate plan fit fold plan fit fold evaluate" {
		t.Errorf("the trial went %s", whats)
	}
	if last := said[len(said)-1]; last.Round != 2 || last.ClientRuns != 8 || last.Done != 2 || last.Of != 2 {
		t.Errorf("it ended at %+v", last)
	}
}

func TestProgressKnowsItsRounds(t *testing.T) {
	two := "stages=[{name: one}, {name: two}]"
	for _, c := range []struct {
		rounds int
		sets   []string
	}{
		{2, nil},
		{4, []string{two}},
		{3, []string{two, "method=[{use: flora, rounds: 1}, {use: fedit, rounds: 1, in: [two]}]"}},
	} {
		said := watch(t, c.sets...)
		if last := said[len(said)-1]; last.Rounds != c.rounds || last.Round != c.rounds {
			t.Errorf("%v: at the end of %d rounds, %+v", c.sets, c.rounds, last)
		}
	}
}
