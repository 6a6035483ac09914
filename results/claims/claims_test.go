package claims

import (
	"context"
	goflag "flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

var rewrite = goflag.Bool("rewrite", false, "write docs/claims.md anew")

const page = "../../docs/claims.md"

func TestPageIsUpToDate(t *testing.T) {
	want := Markdown()
	if *rewrite {
		if err := os.WriteFile(page, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("docs/claims.md is not what the claims and outcomes say: run go test ./results/claims -rewrite")
	}
}

// The claims that the specification numbers are all registered, and every outcome belongs to
// a claim as it stands.
func TestBookAndSeenAgree(t *testing.T) {
	have := map[string]Claim{}
	for _, c := range All() {
		have[c.ID] = c
	}
	for _, id := range strings.Fields("F1 F2 F3 F4 F5 F6 F7 A1 A2 A3 A4 A5 A6") {
		if _, ok := have[id]; !ok {
			t.Errorf("%s is not registered", id)
		}
	}
	names, err := fs.Glob(seen, "seen/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		id := strings.TrimSuffix(strings.TrimPrefix(name, "seen/"), ".json")
		c, ok := have[id]
		if !ok {
			t.Errorf("%s: there is no claim of that name", name)
			continue
		}
		if _, ok := c.Seen(); !ok {
			t.Errorf("%s: the claim was changed since: decide it again", name)
		}
	}
}

// Identities hold here and now, not only when they were recorded.
func TestIdentitiesHold(t *testing.T) {
	for _, c := range All() {
		if c.Kind != Identity || c.Scenario != "" {
			continue
		}
		o, err := c.Try(t.Context(), nil, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		if o.Verdict != Holds || len(o.Errors) == 0 {
			t.Errorf("%s %s: %s", c.ID, o.Verdict, o.Why)
		}
	}
}

// desk is a lab that makes its numbers up: the score of an arm follows from its name, its
// learning rate and the seed.
type desk struct {
	score func(arm string, lr float64, seed uint64) float64
	asked []string
}

func (d *desk) World(context.Context, string, []string) (*world.World, error) { return nil, nil }

func (d *desk) Run(_ context.Context, _ string, sets []string, name string) (*results.Run, error) {
	d.asked = append(d.asked, name)
	items, seeds := sets[len(sets)-2], sets[len(sets)-1]
	var from, to uint64
	if _, err := fmt.Sscanf(seeds, "vary.seed=%d..%d", &from, &to); err != nil {
		return nil, err
	}
	run := &results.Run{Dir: name, Manifest: &results.Manifest{Hash: name}}
	for _, item := range strings.Split(items, `"label":"`)[1:] {
		label, _, _ := strings.Cut(item, `"`)
		lr := 0.01
		if _, text, ok := strings.Cut(item, `"lr":`); ok {
			if _, err := fmt.Sscan(strings.TrimRight(text, `}],{"`), &lr); err != nil {
				lr = 0.01
			}
		}
		arm, text, ok := strings.Cut(label, " at ")
		if ok {
			_, _ = fmt.Sscan(text, &lr)
		}
		for seed := from; seed <= to; seed++ {
			v := ledger.Value{Name: "loss", Value: ledger.Number(d.score(arm, lr, seed)), Weight: 1}
			x := &results.Trial{ID: label}
			x.Head.Arm, x.Head.Seed = label, seed
			x.End.Rounds = 2
			for round := range 3 {
				for _, on := range []string{"test", "valid"} {
					x.Evaluations = append(x.Evaluations, ledger.Evaluate{At: "round", Round: round, On: on, Values: []ledger.Value{v}})
				}
			}
			run.Trials = append(run.Trials, x)
		}
	}
	return run, nil
}

func claim(kind string, values ...float64) Claim {
	c := Claim{ID: "X", Kind: kind, Statement: "a is better than b", Source: "a test", Scenario: "none", Over: "method.0",
		Arms: []Arm{{"a", map[string]any{"use": "a"}}, {"b", map[string]any{"use": "b"}}},
		Arm:  "a", Against: "b", Measure: "auc.test.loss", Margin: 0.01, Seeds: "1..8", Quick: &Quick{Seeds: "1..2"}}
	if len(values) > 0 {
		c.Grid = &Grid{Key: "with.lr", Values: values, Seeds: "101..102", Measure: "valid.loss"}
	}
	return c
}

// wobble is what seeds do to a score.
func wobble(seed uint64) float64 { return float64(seed*7919%13) / 1000 }

func TestVerdicts(t *testing.T) {
	at := func(a, b float64) func(string, float64, uint64) float64 {
		return func(arm string, _ float64, seed uint64) float64 {
			if arm == "a" {
				return a + wobble(seed)
			}
			return b + wobble(seed+3)
		}
	}
	hill := func(best float64) func(string, float64, uint64) float64 {
		return func(arm string, lr float64, seed uint64) float64 {
			x := at(1, 2)(arm, lr, seed)
			if lr != best {
				x += 1
			}
			return x
		}
	}
	few := claim(Superiority)
	few.Seeds = "1..5"
	for _, x := range []struct {
		name    string
		claim   Claim
		score   func(string, float64, uint64) float64
		quick   bool
		verdict string
		why     string
	}{
		{"better", claim(Superiority), at(1, 2), false, Holds, "better"},
		{"worse", claim(Superiority), at(2, 1), false, HoldsNot, "worse"},
		{"the same", claim(Superiority), at(1, 1), false, HoldsNot, "equivalent"},
		{"equal", claim(Equivalence), at(1, 1), false, Holds, "equivalent"},
		{"unequal", claim(Equivalence), at(1, 2), false, HoldsNot, "better"},
		{"noise", claim(Superiority), func(arm string, _ float64, seed uint64) float64 {
			return wobble(seed*31+uint64(len(arm+arm[:1]))*uint64(arm[0])) * 40
		}, false, Undecided, "not decided"},
		{"quick", claim(Superiority), at(1, 2), true, Direction, "2 seeds"},
		{"few seeds", few, at(1, 2), false, Direction, "5 seeds"},
		{"tuned", claim(Superiority, 0.001, 0.01, 0.1), hill(0.01), false, Holds, "better"},
		{"at the edge", claim(Superiority, 0.001, 0.01, 0.1), hill(0.1), false, Undecided, "edge of the grid (a at 0.1, b at 0.1)"},
		{"a curve", claim(Curve), at(1, 2), false, Shown, "8 seeds"},
	} {
		d := &desk{score: x.score}
		o, err := x.claim.Try(t.Context(), d, nil, x.quick)
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		if o.Verdict != x.verdict || !strings.Contains(o.Why, x.why) {
			t.Errorf("%s: %s, for %s; want %s, for %s", x.name, o.Verdict, o.Why, x.verdict, x.why)
		}
		if tuned := len(d.asked) == 2; tuned != (x.claim.Grid != nil) {
			t.Errorf("%s: the runs were %v", x.name, d.asked)
		}
		if b, err := o.Encode(); err != nil || len(b) == 0 {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

func TestBadClaimsAreRefused(t *testing.T) {
	for want, text := range map[string]string{
		"unknown field":          "id: X\ncolour: red\n",
		"an id, a statement":     "id: X\n",
		`kind "guess"`:           "{id: X, statement: s, source: s, kind: guess}",
		"needs a check":          "{id: X, statement: s, source: s, kind: identity}",
		`no check "nothing"`:     "{id: X, statement: s, source: s, kind: identity, check: nothing}",
		"a scenario, a path":     "{id: X, statement: s, source: s, kind: curve}",
		"the measure":            "{id: X, statement: s, source: s, kind: curve, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: agg_error, seeds: 1..8}",
		"two of the arms":        "{id: X, statement: s, source: s, kind: superiority, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: test.loss, seeds: 1..8}",
		"an axis needs a path":   "{id: X, statement: s, source: s, kind: superiority, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: test.loss, seeds: 1..8, across: [{path: p, values: [1, 2]}]}",
		"a quick try":            "{id: X, statement: s, source: s, kind: curve, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: test.loss, seeds: 1..8}",
		"at least three values":  "{id: X, statement: s, source: s, kind: curve, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: test.loss, seeds: 1..8, grid: {key: k, values: [1, 2], measure: valid.loss}}",
		"values of a grid were ": "{id: X, statement: s, source: s, kind: curve, scenario: a, over: method.0, arms: [{name: a, is: {use: x}}], measure: test.loss, seeds: 1..8, grid: {key: k, values: [1, 3, 2], seeds: 1..2, measure: valid.loss}}",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v; want one that says %q", err, want)
		}
	}
	if _, err := Lookup("A33"); err == nil || !strings.Contains(err.Error(), "did you mean") {
		t.Errorf("an unknown claim: %v", err)
	}
}

// A curve has a point for every arm at every place; orders of tasks stand under a seed.
func TestPlacesAndOrders(t *testing.T) {
	c := claim(Curve)
	c.Arm, c.Against = "", ""
	c.Across = []Axis{{Path: "data.x.tasks.first", Values: []any{2, 4}}}
	c.Orders = &Axis{Path: "data.x.tasks.order", Values: []any{0, 1, 2}}
	c.Measure, c.Also = "test.loss", []string{"valid.loss"}
	d := &shelf{score: func(arm string, seed uint64) float64 { return float64(len(arm)) + float64(seed) }}
	o, err := c.Try(t.Context(), d, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	var at []string
	for _, p := range o.Points {
		at = append(at, p.At)
		if p.N != 8 || len(p.Also) != 1 || p.Also[0] != p.Value {
			t.Errorf("point %+v; want 8 seeds, and the other measure beside it", p)
		}
	}
	if got, want := strings.Join(at, ", "), "a first=2, a first=4, b first=2, b first=4"; got != want {
		t.Errorf("points %s; want %s", got, want)
	}
	if got, want := strings.Join(d.sets[:4], " "), "vary.data.x.tasks.first=null vary.data.x.tasks.first=[2,4] vary.data.x.tasks.order=null vary.data.x.tasks.order=[0,1,2]"; got != want {
		t.Errorf("laid %s; want %s", got, want)
	}

	c = claim(Superiority)
	c.Measure, c.Orders = "test.loss", &Axis{Path: "data.x.tasks.order", Values: []any{0, 1, 2}}
	d.score = func(arm string, seed uint64) float64 {
		if strings.HasPrefix(arm, "a") {
			return wobble(seed)
		}
		return 1 + wobble(seed+2)
	}
	if o, err = c.Try(t.Context(), d, nil, false); err != nil {
		t.Fatal(err)
	}
	if o.Verdict != Holds || len(o.Seeds) != 8 || len(o.Points) != 2 {
		t.Errorf("%s over seeds %v, %d points; want that it holds over 8", o.Verdict, o.Seeds, len(o.Points))
	}
}

// shelf is a lab with a trial for each item of the axes that it is given.
type shelf struct {
	score func(arm string, seed uint64) float64
	sets  []string
}

func (s *shelf) World(context.Context, string, []string) (*world.World, error) { return nil, nil }

func (s *shelf) Run(_ context.Context, _ string, sets []string, name string) (*results.Run, error) {
	s.sets = sets
	arms := []string{"a", "b"}
	for _, set := range sets[:len(sets)-2] {
		path, list, _ := strings.Cut(set, "=")
		if list == "null" {
			continue
		}
		leaf := path[strings.LastIndexByte(path, '.')+1:]
		var next []string
		for _, arm := range arms {
			for _, v := range strings.Split(strings.Trim(list, "[]"), ",") {
				next = append(next, arm+" "+leaf+"="+v)
			}
		}
		arms = next
	}
	run := &results.Run{Dir: name, Manifest: &results.Manifest{Hash: name}}
	for _, arm := range arms {
		for seed := range uint64(8) {
			x := &results.Trial{ID: arm}
			x.Head.Arm, x.Head.Seed = arm, seed
			v := ledger.Value{Name: "loss", Value: ledger.Number(s.score(arm, seed)), Weight: 1}
			for _, on := range []string{"test", "valid"} {
				x.Evaluations = append(x.Evaluations, ledger.Evaluate{At: "end", On: on, Values: []ledger.Value{v}})
			}
			run.Trials = append(run.Trials, x)
		}
	}
	return run, nil
}
