package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/scenario"
)

// checkKept refuses a member that would train under a name under which an earlier one left
// each participant something of its own: what is kept is found by that name, is built on, and
// would be written over meanwhile. Members that never work on the same base do not meet.
func checkKept(cards map[string]method.Card, t *Trial) (problems []scenario.Problem) {
	chain := t.Scenario.Method
	for k, later := range chain {
		for _, before := range chain[:k] {
			for _, name := range cards[before.Use].Keeps {
				if slices.Contains(cards[later.Use].Trains, name) && Meet(t.Scenario.Stages, before, later) {
					problems = append(problems, t.Document.Problem(fmt.Sprintf("method.%d.use", k),
						"method %q before it in the chain leaves each participant an adapter of its own, kept under the name %q, and %q trains one under that name, which would take its place; put a method there that merges or shares its adapter, as flora or fedit, or %q last",
						before.Use, name, later.Use, before.Use))
				}
			}
		}
	}
	return problems
}

// checkBegins refuses an init that is taken out of the weight before a method that cannot begin
// so, or not at the ranks of its pools.
func checkBegins(cards map[string]method.Card, t *Trial) (problems []scenario.Problem) {
	for k, m := range t.Scenario.Method {
		if m.Init == "" {
			continue
		}
		card := cards[m.Use]
		why := card.Still
		if pool := uneven(t.Scenario, card, m); why == "" && card.Alike && pool != "" {
			why = fmt.Sprintf("participants of pool %q that hold unequal ranks would begin at other starts, of which no factors can be averaged", pool)
		}
		for _, before := range t.Scenario.Method[:k] {
			if why != "" && cards[before.Use].Moves {
				problems = append(problems, t.Document.Problem(fmt.Sprintf("method.%d.init.from", k),
					"method %q before it in the chain leaves an init that is taken out of the weight, with which %q cannot begin: %s; take an init that leaves the weight, as init-eva", before.Use, m.Use, why))
			}
		}
	}
	return problems
}

// uneven is a pool of the method whose participants hold unequal ranks, or "".
func uneven(s *scenario.Scenario, card method.Card, m scenario.Member) string {
	for _, p := range poolsOf(card, m, s) {
		if len(p.Ranks) > 1 {
			return p.Name
		}
	}
	return ""
}

// poolsOf are the pools that play a method's roles, in their order.
func poolsOf(card method.Card, m scenario.Member, s *scenario.Scenario) (pools []scenario.Pool) {
	for _, role := range card.Roles {
		name := cmp.Or(m.Roles[string(role)], string(role))
		for _, p := range s.Population {
			if p.Name == name {
				pools = append(pools, p)
			}
		}
	}
	return pools
}

// Meet says whether two members work on one base.
func Meet(stages []scenario.Stage, a, b scenario.Member) bool {
	works := func(m scenario.Member, s scenario.Stage) bool { return len(m.In) == 0 || slices.Contains(m.In, s.Name) }
	for _, s := range stages {
		for _, u := range stages {
			if works(a, s) && works(b, u) && s.Base == u.Base {
				return true
			}
		}
	}
	return false
}

// checkRouted refuses metrics of routers where no trial has a method that deploys any: they
// would be 0 throughout. Beside one that has, rivals without are measured alike.
func checkRouted(cards map[string]method.Card, trials []Trial) (problems []scenario.Problem) {
	routes := func(m scenario.Member) bool { return cards[m.Use].Routes }
	if slices.ContainsFunc(trials, func(t Trial) bool { return slices.ContainsFunc(t.Scenario.Method, routes) }) {
		return nil
	}
	for _, t := range trials {
		for i, e := range t.Scenario.Evaluate {
			for j, name := range e.Metrics {
				if metric.OfRouters(name) {
					problems = append(problems, t.Document.Problem(fmt.Sprintf("evaluate.%d.metrics.%d", i, j),
						"metric %q cannot be had here: it asks how a router found the expert of a task, and no method of this scenario has one; leave it out, or use one that does, as routing", name))
				}
			}
		}
	}
	return problems
}
