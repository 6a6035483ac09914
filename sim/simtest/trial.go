package simtest

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

// Trials are those of a scenario's text with sets, as in "method.0.rounds=1", laid over it.
// Methods are looked up among the built-in ones.
func Trials(t testing.TB, source string, sets ...string) []plan.Trial {
	t.Helper()
	doc, problems := scenario.Parse("tiny.yaml", []byte(source), sets...)
	fail(t, problems)
	trials, problems := plan.Expand(doc)
	fail(t, problems)
	cards := map[string]method.Card{}
	for _, name := range builtin.Names() {
		m, err := builtin.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		cards[name] = m.Describe()
	}
	trials, problems = plan.CheckMethods(trials, cards)
	fail(t, problems)
	return trials
}

// Trial is the only one of [Source] with sets.
func Trial(t testing.TB, sets ...string) plan.Trial {
	t.Helper()
	trials := Trials(t, Source, sets...)
	if len(trials) != 1 {
		t.Fatalf("%d trials; one was expected", len(trials))
	}
	return trials[0]
}

// World is that of a trial. Assets may be shared; nil makes fresh ones.
func World(t testing.TB, trial plan.Trial, a *world.Assets) *world.World {
	t.Helper()
	if a == nil {
		a = Assets()
	}
	w, problems, err := world.Build(trial, a)
	fail(t, problems)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Assets are fresh ones with no files and an empty cache.
func Assets() *world.Assets { return world.NewAssets(Files{}, &Cache{}, nil) }

func fail(t testing.TB, problems []scenario.Problem) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
	if len(problems) > 0 {
		t.FailNow()
	}
}
