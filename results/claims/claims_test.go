package claims

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/world"
)

const page = "../../docs/claims.md"

func TestPageIsUpToDate(t *testing.T) {
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Markdown() {
		t.Errorf("docs/claims.md is not what the claims and outcomes say: run go run ./cmd/simrun claims docs docs/claims.md")
	}
}

// The claims that the specification numbers are all registered, and every outcome belongs to
// a claim as it stands.
func TestBookAndSeenAgree(t *testing.T) {
	have := map[string]Claim{}
	for _, c := range All() {
		have[c.ID] = c
	}
	for _, id := range strings.Fields("F1 F2 F3 F4 F5 F6 F7 A1 A2 A3 A4 A5 A6 D1 D2 D3 D4 D5 D6 D7 D8 D9") {
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
		o, err := c.Try(t.Context(), nil, How{})
		if err != nil {
			t.Fatal(err)
		}
		if o.Verdict != Holds || len(o.Errors) == 0 {
			t.Errorf("%s %s: %s", c.ID, o.Verdict, o.Why)
		}
	}
}

// desk is a lab that makes its numbers up: the score of an arm follows from its name, its
// learning rate and the seed. Of the four queries of each trial the first alone differs
// between arms, by four times as much.
type desk struct {
	score func(arm string, lr float64, seed uint64) float64
	asked []string
	base  method.Blob
}

func (d *desk) Heads(ctx context.Context, scenario string, sets []string) (heads []ledger.Trial, err error) {
	asked := d.asked
	run, err := d.Run(ctx, scenario, sets, "")
	d.asked = asked
	if err != nil {
		return nil, err
	}
	for i, x := range run.Trials {
		h := x.Head
		h.Index, h.Scenario, h.Bases = i, sets[len(sets)-2]+h.Arm, []ledger.Content{{Name: "main", Blob: d.base}}
		heads = append(heads, h)
	}
	return heads, nil
}

// memory keeps what tuning came to.
type memory map[string][]byte

func (m memory) Load(key string) ([]byte, bool, error) { b, ok := m[key]; return b, ok, nil }

func (m memory) Save(key string, content []byte) error { m[key] = content; return nil }

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
			v := ledger.Value{Name: "loss", Value: ledger.Number(d.score(arm, lr, seed)), Weight: 4}
			values := []ledger.Value{v}
			for i := range 4 {
				q := ledger.Value{Name: "loss", Group: fmt.Sprintf("example=%d", i), Value: 1, Weight: 1}
				if i == 0 {
					q.Value = 4*v.Value - 3
				}
				values = append(values, q)
			}
			x := &results.Trial{ID: fmt.Sprint(label, seed)}
			x.Head.Arm, x.Head.Seed = label, seed
			x.End.Rounds = 2
			for round := range 3 {
				for _, on := range []string{"test", "valid"} {
					x.Evaluations = append(x.Evaluations, ledger.Evaluate{At: "round", Round: round, On: on, Values: values})
				}
			}
			x.End.Flops = 10
			run.Manifest.Trials = append(run.Manifest.Trials, results.ManifestTrial{ID: x.ID, WallSec: 2})
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
		o, err := x.claim.Try(t.Context(), d, How{Quick: x.quick, Memory: memory{}})
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

func TestClaimsAreInOrder(t *testing.T) {
	ids := strings.Fields("F10 F6b A1 F6 D2 F9 D10 A1-d64")
	slices.SortFunc(ids, data.Naturally)
	if got := strings.Join(ids, " "); got != "A1 A1-d64 D2 D10 F6 F6b F9 F10" {
		t.Errorf("in order: %s", got)
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
		"small letters":          "{id: X, statement: s, source: s, kind: curve, check: equal-cost, scenario: a, inputs: [{name: A B, set: bases.main.hf, is: a}]}",
		"bases.NAME.hf or":       "{id: X, statement: s, source: s, kind: curve, check: equal-cost, scenario: a, inputs: [{name: a, set: main, is: a}]}",
		"only a base":            "{id: X, statement: s, source: s, kind: curve, check: equal-cost, scenario: a, inputs: [{name: a, set: data.x.path, is: a, blob: f}]}",
		"inputs need a scenario": "{id: X, statement: s, source: s, kind: identity, check: bytes, inputs: [{name: a, set: bases.main.hf, is: a}]}",
		"resamples nothing":      "{id: X, statement: s, source: s, kind: identity, check: bytes, within: example}",
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

// A hash is printed with the build that made it, or that it was not noted.
func TestHashesNameTheirBuild(t *testing.T) {
	c, err := Lookup("F6")
	if err != nil {
		t.Fatal(err)
	}
	for simrun, want := range map[string]string{"v1.2": "abc, by simrun v1.2", "": "abc, by a build that was not noted"} {
		lines := Lines(c, Outcome{Verdict: Holds, Hash: "abc", Simrun: simrun})
		if last := lines[len(lines)-1]; last != [2]string{"hash", want} {
			t.Errorf("%q: %v", simrun, last)
		}
	}
}
