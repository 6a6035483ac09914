package plan

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/scenario"
)

// checked is what is wrong with the base scenario once its chain and more lines are replaced.
func checked(t *testing.T, chain, more string) string {
	t.Helper()
	src := strings.Replace(base, "[{use: flora, with: {lr: 1e-3}, rounds: 3}]", chain, 1) + more
	if strings.Contains(more, "other") {
		src = strings.Replace(src, "{main: {hf: ./x}}", "{main: {hf: ./x}, other: {hf: ./y}}", 1)
	}
	doc, problems := scenario.Parse("t.yaml", []byte(src))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	trials, problems := Expand(doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var all []string
	_, problems = CheckMethods(trials, cards)
	for _, p := range problems {
		all = append(all, p.String())
	}
	return strings.Join(all, "\n")
}

// What each participant keeps under a name is not trained over by a later member on its base.
func TestKeptNamesAreNotTrainedOver(t *testing.T) {
	const kept = `method "own" before it in the chain leaves each participant an adapter of its own, kept under the name "lora"`
	for _, c := range []struct{ chain, more, want string }{
		{"[{use: own}, {use: router}]", "", "t.yaml:7:23: " + kept + `, and "router" trains one under that name`},
		{"[{use: own}, {use: full}, {use: own}]", "", "t.yaml:7:36: " + kept},
		{"[{use: own}, {use: full}]", "", ""},
		{"[{use: router}, {use: own}]", "", ""},
		{"[{use: own, in: [a]}, {use: router, in: [b]}]", "stages: [{name: a}, {name: b}]\n", kept},
		{"[{use: own, in: [a]}, {use: router, in: [b]}]", "stages: [{name: a, base: main}, {name: b, base: other}]\n", ""},
	} {
		if got := checked(t, c.chain, c.more); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %s\ngot  %s\nwant %s", c.chain, c.more, got, c.want)
		}
	}
}

// Metrics of routers need one in some trial; beside it, rivals without are measured alike.
func TestMetricsOfRoutersNeedOne(t *testing.T) {
	const asks = "evaluate: [{at: end, metrics: [loss, route.mass]}]\n"
	if got, want := checked(t, "[{use: flora}]", asks), `t.yaml:8:38: metric "route.mass" cannot be had here`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	for chain, more := range map[string]string{"[{use: router}]": asks, "[{use: flora}]": asks + "vary: {method.0: [{use: fedit}, {use: router}]}\n"} {
		if got := checked(t, chain, more); got != "" {
			t.Errorf("%s %s: %s", chain, more, got)
		}
	}
}

// An init that is taken out of the weight is not left to methods that cannot begin so.
func TestInitsThatMoveTheBase(t *testing.T) {
	const taken = `method "moves" before it in the chain leaves an init that is taken out of the weight, with which`
	for _, c := range []struct{ chain, more, want string }{
		{"[{use: moves}, {use: still, init: {from: chain}}]", "", "t.yaml:7:44: " + taken + ` "still" cannot begin: it draws; take an init`},
		{"[{use: moves}, {use: still}]", "", ""},
		{"[{use: moves}, {use: flora, init: {from: chain}}]", "", ""},
		{"[{use: moves}, {use: alike, init: {from: chain}}]", "", taken + ` "alike" cannot begin: participants of pool "client" that hold unequal ranks`},
		{"[{use: moves}, {use: alike, init: {from: chain}}]", "vary: {population.client.rank: [4]}\n", ""},
		{"[{use: fedit}, {use: still, init: {from: chain}}]", "", ""},
	} {
		if got := checked(t, c.chain, c.more); c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %s\ngot  %s\nwant %s", c.chain, c.more, got, c.want)
		}
	}
}
