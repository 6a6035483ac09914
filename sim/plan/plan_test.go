package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
)

const base = `version: 1
name: t
bases: {main: {hf: ./x}}
data: {p: {generate: phrases, by: topic}}
population:
  client: {count: 8, rank: {16: 1, 2: 3}}
method: [{use: flora, with: {lr: 1e-3}, rounds: 3}]
`

var cards = map[string]method.Card{
	"flora": {Name: "flora", Roles: []method.Role{"client"}, Params: []method.Param{
		{Name: "lr", Kind: method.Float, Default: 3e-3, Max: 10},
		{Name: "epochs", Kind: method.Float, Default: 1.0, Min: 0.001, Max: 100},
		{Name: "batch", Kind: method.Int, Default: 8, Min: 0, Max: 64},
		{Name: "schedule", Kind: method.Text, Default: "linear", OneOf: []string{"linear", "constant"}},
		{Name: "shuffle", Kind: method.Flag, Default: true},
		{Name: "betas", Kind: method.Floats, Default: []float64{0.9, 0.999}, Max: 1},
	}},
	"fedit": {Name: "fedit", Roles: []method.Role{"client"}, Params: []method.Param{
		{Name: "lr", Kind: method.Float, Default: 3e-3},
		{Name: "rank", Kind: method.Int, Default: 0, Max: 64},
	}},
	"own":    {Name: "own", Roles: []method.Role{"client"}, Trains: []string{"lora"}, Keeps: []string{"lora"}},
	"router": {Name: "router", Roles: []method.Role{"client"}, Trains: []string{"lora"}, Routes: true},
	"full":   {Name: "full", Roles: []method.Role{"client"}, Weights: true},
	"moves":  {Name: "moves", Roles: []method.Role{"client"}, Moves: true},
	"still":  {Name: "still", Roles: []method.Role{"client"}, Trains: []string{"lora"}, Still: "it draws"},
	"alike":  {Name: "alike", Roles: []method.Role{"client"}, Trains: []string{"lora"}, Alike: true},
	"greedy": {Name: "greedy", Needs: []method.Need{method.NeedTestGroups}, Roles: []method.Role{"detector"}},
}

func expand(t *testing.T, vary string) []Trial {
	t.Helper()
	trials, problems := tryExpand(t, vary)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return trials
}

func tryExpand(t *testing.T, vary string) ([]Trial, []scenario.Problem) {
	t.Helper()
	doc, problems := scenario.Parse("t.yaml", []byte(base+vary))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return Expand(doc)
}

func TestTrialOrderIsTheProductAsWritten(t *testing.T) {
	for _, c := range []struct{ vary, want string }{
		{"", "flora seed=1"},
		{"seed: 7\n", "flora seed=7"},
		{"vary: {method.0: [{use: flora}, {use: fedit}], seed: 1..2}\n", "flora seed=1, flora seed=2, fedit seed=1, fedit seed=2"},
		{"vary: {seed: 1..2, method.0: [{use: flora}, {use: fedit}]}\n", "flora seed=1, fedit seed=1, flora seed=2, fedit seed=2"},
		{"vary: {method.0.with.lr: [1e-3, 1e-2], population.client.count: [4, 8]}\n",
			"lr=1e-3 count=4 seed=1, lr=1e-3 count=8 seed=1, lr=1e-2 count=4 seed=1, lr=1e-2 count=8 seed=1"},
		{"vary: {zip: {method.0: [{use: flora}, {use: fedit}], population.client.rank: [{}, 8]}}\n", "flora seed=1, fedit rank=8 seed=1"},
		{"method: [{use: flora, rounds: 1}, {use: fedit}]\n", ""},
	} {
		if c.want == "" { // a chain is named by its members
			doc, _ := scenario.Parse("t.yaml", []byte(strings.Replace(base, "rounds: 3}]", "rounds: 3}, {use: fedit}]", 1)))
			if trials, _ := Expand(doc); trials[0].Arm != "flora + fedit" {
				t.Errorf("chain is called %q", trials[0].Arm)
			}
			continue
		}
		var names []string
		for i, trial := range expand(t, c.vary) {
			names = append(names, trial.Name)
			if trial.Index != i || trial.Name != fmt.Sprintf("%s seed=%d", trial.Arm, trial.Scenario.Seed) {
				t.Errorf("%s: trial %d is %+v", c.vary, i, trial)
			}
		}
		if got := strings.Join(names, ", "); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.vary, got, c.want)
		}
	}
}

func TestHashNamesTheContent(t *testing.T) {
	a := expand(t, "")[0]
	sum := sha256.Sum256(a.Scenario.Resolved())
	if a.Hash != hex.EncodeToString(sum[:]) {
		t.Errorf("hash %s is not that of the resolved text", a.Hash)
	}
	same := expand(t, "# a comment\nseed: 1\nstages: [{show: all, name: train}]\nevaluate: [{at: end, metrics: [loss]}]\n")[0]
	if same.Hash != a.Hash {
		t.Errorf("written defaults change the hash:\n%s\n%s", a.Scenario.Resolved(), same.Scenario.Resolved())
	}
	if other := expand(t, "seed: 2\n")[0]; other.Hash == a.Hash {
		t.Error("another seed has the same hash")
	}
	plan := expand(t, "vary: {seed: 1..2}\n")
	sum = sha256.Sum256([]byte(plan[0].Hash + "\n" + plan[1].Hash + "\n"))
	if Hash(plan) != hex.EncodeToString(sum[:]) || plan[0].Hash != a.Hash {
		t.Error("the plan's hash is not that of its trials' hashes")
	}
	plan[0], plan[1] = plan[1], plan[0]
	if Hash(plan) == hex.EncodeToString(sum[:]) {
		t.Error("the plan's hash does not see the order")
	}
}

func TestTwinsAreRefused(t *testing.T) {
	for _, c := range []struct{ vary, want string }{
		{"vary: {seed: [1, 1]}\n", `t.yaml:8:18: trials 0 "flora seed=1" and 1 "flora seed=1" are the same scenario; leave one out of vary`},
		{"vary: {method.0: [{use: flora}, {}]}\n", `t.yaml:8:33: trials 0 "flora seed=1" and 1 "flora seed=1" are the same scenario; leave one out of vary`},
		{"vary: {method.0: [{use: flora, label: a}, {use: fedit, label: a}]}\n",
			`t.yaml:8:43: trials 0 and 1 are both called "a seed=1"; give an item of vary a label, as in {use: fedit, label: our rival}`},
		{"vary: {seed: 1..1000, method.0.rounds: 1..1000}\n",
			`t.yaml:8:23: method.0.rounds: at most 100000 trials were expected, the product has more; shorten a list, or put paths that go together under zip`},
	} {
		trials, problems := tryExpand(t, c.vary)
		if trials != nil || len(problems) != 1 || problems[0].String() != c.want {
			t.Errorf("%s\ngot  %v\nwant %s", c.vary, problems, c.want)
		}
	}
}

// What only shows when items meet is found here, at the item's place.
func TestItemsThatDoNotMeet(t *testing.T) {
	_, problems := tryExpand(t, "vary: {population.client.split: [iid, natural], population.client.count: [4, 8]}\n")
	if len(problems) != 0 {
		t.Errorf("a natural split may have a count: %v", problems)
	}
	doc, problems := scenario.Parse("t.yaml", []byte(base+"vary: {data.p.by: [topic, null], population.client.split: [iid, {dirichlet: 1}]}\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	trials, problems := Expand(doc)
	if want := `t.yaml:8:65: a column to divide by was expected: write {dirichlet: …, by: COLUMN}, or "by" at data.p`; trials != nil || len(problems) != 1 || problems[0].String() != want {
		t.Errorf("got %v, want %s", problems, want)
	}
}

func TestMethodsAreCheckedAgainstCards(t *testing.T) {
	good := expand(t, "")
	checked, problems := CheckMethods(good, cards)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	v := checked[0].Params[0]
	if v.Float("lr") != 1e-3 || v.Float("epochs") != 1 || v.Int("batch") != 8 || v.Text("schedule") != "linear" || !v.Flag("shuffle") || len(v.Floats("betas")) != 2 {
		t.Errorf("parameters %v", v)
	}
	if len(good[0].Scenario.Method[0].With) != 1 || good[0].Hash == checked[0].Hash {
		t.Error("the trials given were changed, or the hash does not see the parameters")
	}
	if !strings.Contains(string(checked[0].Scenario.Resolved()), "betas: [0.9, 0.999]") {
		t.Errorf("resolved text lacks a default:\n%s", checked[0].Scenario.Resolved())
	}
	doc, problems := scenario.Parse("again", checked[0].Scenario.Resolved())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	again, _ := Expand(doc)
	if again[0].Hash != checked[0].Hash {
		t.Error("resolved text with parameters has another hash")
	}
}

func TestBadMethods(t *testing.T) {
	for _, c := range []struct{ method, want string }{
		{"{use: flor}", `t.yaml:7:11: no method is called "flor"; did you mean "flora"?`},
		{"{use: xyzzy}", `t.yaml:7:11: no method is called "xyzzy"; there are alike, fedit, flora, full, greedy, moves, own, router, still, and "simrun plugin list" shows them; others are found by --plugin-path`},
		{"{use: flora, with: {epoch: 1}}", `t.yaml:7:30: method "flora" has no parameter "epoch"; did you mean "epochs"?`},
		{"{use: fedit, with: {xyzzy: 1}}", `t.yaml:7:30: method "fedit" has no parameter "xyzzy"; it has lr, rank`},
		{"{use: flora, with: {lr: fast}}", `t.yaml:7:30: a number from 0 to 10 was expected for parameter "lr" of "flora", given is "fast"`},
		{"{use: flora, with: {lr: 11}}", `t.yaml:7:30: a number from 0 to 10 was expected for parameter "lr" of "flora", given is 11`},
		{"{use: flora, with: {batch: 1.5}}", `t.yaml:7:30: a whole number from 0 to 64 was expected for parameter "batch" of "flora", given is 1.5`},
		{"{use: flora, with: {shuffle: yes}}", `t.yaml:7:30: true or false was expected for parameter "shuffle" of "flora", given is "yes"`},
		{"{use: flora, with: {schedule: liner}}", `t.yaml:7:30: one of linear, constant (did you mean "linear"?) was expected for parameter "schedule" of "flora", given is "liner"`},
		{"{use: flora, with: {betas: [1, 2]}}", `t.yaml:7:30: a list of numbers from 0 to 1 was expected for parameter "betas" of "flora", given is [1 2]`},
		{"{use: flora, roles: {client: client, judge: client}}", `t.yaml:7:47: method "flora" has no role "judge"; it has client`},
		{"{use: greedy}", `t.yaml:7:11: method "greedy" needs "groups-at-test", which the scenario does not grant; write grant: {groups-at-test: all}, or use a method without
t.yaml:7:11: method "greedy" works with a pool called "detector", and there are client; write roles: {detector: client}`},
	} {
		src := strings.Replace(base, "{use: flora, with: {lr: 1e-3}, rounds: 3}", c.method, 1)
		doc, problems := scenario.Parse("t.yaml", []byte(src))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		trials, _ := Expand(doc)
		checked, problems := CheckMethods(trials, cards)
		var got []string
		for _, p := range problems {
			got = append(got, p.String())
		}
		if checked != nil || strings.Join(got, "\n") != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.method, strings.Join(got, "\n"), c.want)
		}
	}
}

// An item's own `with` may hold what the entry's method does not know, and the other way
// round the shared `with` is held against each method.
func TestSharedParametersAreHeldAgainstEachMethod(t *testing.T) {
	trials := expand(t, "vary: {method.0: [{use: flora, with: {epochs: 2}}, {use: fedit, with: {rank: 4}}]}\n")
	checked, problems := CheckMethods(trials, cards)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if checked[1].Params[0].Int("rank") != 4 || checked[1].Params[0].Float("lr") != 1e-3 {
		t.Errorf("parameters %v", checked[1].Params[0])
	}
	trials = expand(t, "vary: {method.0: [{use: fedit, with: {epochs: 2}}]}\n")
	if _, problems := CheckMethods(trials, cards); len(problems) != 1 || problems[0].String() != `t.yaml:8:39: method "fedit" has no parameter "epochs"; it has lr, rank` {
		t.Errorf("got %v", problems)
	}
	src := strings.Replace(base, "lr: 1e-3", "epochs: 2", 1) + "vary: {method.0: [{use: flora}, {use: fedit, with: {lr: 1}}]}\n"
	doc, problems := scenario.Parse("t.yaml", []byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	trials, _ = Expand(doc)
	if _, problems := CheckMethods(trials, cards); len(problems) != 1 || !strings.HasSuffix(problems[0].Text, `or leave it out here by {use: fedit, with: {epochs: null}}`) {
		t.Errorf("got %v", problems)
	}
}

func TestRanksAndMethodsOwnProblemsHaveAPlace(t *testing.T) {
	trial := expand(t, "")[0]
	if got := CheckRanks(trial, 8); len(got) != 1 || got[0].String() != "t.yaml:6:29: a rank of at most 8 was expected, which is as much as the base's maps have, found 16" {
		t.Errorf("got %v", got)
	}
	if got := CheckRanks(trial, 16); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := trial.MethodProblem(0, method.Problem{Path: "params.lr", Text: "too fast"}); got.String() != "t.yaml:7:30: too fast" {
		t.Errorf("got %v", got)
	}
	if got := trial.MethodProblem(0, method.Problem{Path: "population.client.rank", Text: "unequal"}); got.String() != "t.yaml:6:22: unequal" {
		t.Errorf("got %v", got)
	}
}
