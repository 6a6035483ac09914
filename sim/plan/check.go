package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/suggest"
)

// CheckMethods holds the methods of every trial against their cards, by name, and returns
// the trials with Params set, the parameters' defaults written into their scenarios and
// new hashes. The trials given are left as they are.
func CheckMethods(trials []Trial, cards map[string]method.Card) ([]Trial, []scenario.Problem) {
	out := slices.Clone(trials)
	var problems []scenario.Problem
	for i := range out {
		t := &out[i]
		s := *t.Scenario
		s.Method = slices.Clone(s.Method)
		t.Scenario, t.Params = &s, make([]method.Values, len(s.Method))
		for k := range s.Method {
			m, at := &s.Method[k], fmt.Sprintf("method.%d", k)
			card, ok := cards[m.Use]
			if !ok {
				problems = append(problems, unknownMethod(t.Document, at, m.Use, cards))
				continue
			}
			v, ps := checkParams(card, *m, at, t)
			problems = append(problems, ps...)
			problems = append(problems, checkNeeds(card, at, t)...)
			problems = append(problems, checkRoles(card, *m, at, t)...)
			problems = append(problems, checkRegime(card, *m, at, t)...)
			if k == 0 && m.Init != "" {
				problems = append(problems, t.Document.Problem(at+".init.from", "a method before this one in the chain was expected, which would leave how its adapters begin; this is the first"))
			}
			m.With, t.Params[k] = map[string]any(v), v
		}
		problems = append(problems, checkKept(cards, t)...)
		problems = append(problems, checkBegins(cards, t)...)
	}
	problems = append(problems, checkRouted(cards, out)...)
	if len(problems) == 0 {
		for i := range out {
			out[i].Hash = hashOf(out[i].Scenario)
		}
		problems = twins(out)
	}
	if len(problems) > 0 {
		return nil, scenario.SortProblems(problems)
	}
	return out, nil
}

func unknownMethod(doc *scenario.Document, at, use string, cards map[string]method.Card) scenario.Problem {
	names := slices.Sorted(maps.Keys(cards))
	tail := suggest.DidYouMean(use, names)
	if tail == "" {
		tail = "; there are " + strings.Join(names, ", ") + `, and "simrun plugin list" shows them; others are found by --plugin-path`
	}
	return doc.Problem(at+".use", "no method is called %q%s", use, tail)
}

// checkParams holds one member of a chain, which stands at a path such as "method.0",
// against its card: parameters known, of their kinds, within bounds. It returns them all,
// defaults filled in.
func checkParams(card method.Card, m scenario.Member, at string, t *Trial) (method.Values, []scenario.Problem) {
	var problems []scenario.Problem
	doc := t.Document
	names := make([]string, len(card.Params))
	for i, p := range card.Params {
		names[i] = p.Name
	}
	for _, name := range slices.Sorted(maps.Keys(m.With)) {
		if slices.Contains(names, name) {
			continue
		}
		tail := suggest.DidYouMean(name, names)
		if tail == "" {
			tail = "; it has " + strings.Join(names, ", ")
		}
		if t.serves(at, name) {
			tail += fmt.Sprintf("; the parameters under %q serve all methods that \"vary\" puts there: give %[2]s to those that know it, or leave it out here by {use: %[3]s, with: {%[2]s: null}}", at, name, card.Name)
		}
		problems = append(problems, doc.Problem(at+".with."+name, "method %q has no parameter %q%s", card.Name, name, tail))
	}
	out := method.Values{}
	for _, p := range card.Params {
		given, ok := m.With[p.Name]
		where := "given"
		if !ok {
			given, where = p.Default, "its default"
		}
		v, want := convert(p, given)
		if want != "" {
			problems = append(problems, doc.Problem(at+".with."+p.Name, "%s was expected for parameter %q of %q, %s is %v", want, p.Name, card.Name, where, show(given)))
			continue
		}
		out[p.Name] = v
	}
	return out, problems
}

// serves says that a parameter stands in an entry whose method varies, and was not given with
// the method.
func (t *Trial) serves(at, param string) (varied bool) {
	for _, s := range t.Settings {
		if s.Gives(at + ".with." + param) {
			return false
		}
		varied = varied || s.Gives(at+".use")
	}
	return varied
}

// checkNeeds asks that the scenario grants what the card needs.
func checkNeeds(card method.Card, at string, t *Trial) (problems []scenario.Problem) {
	for _, need := range card.Needs {
		granted := func(g scenario.Grant) bool { return g.Need == string(need) }
		if !slices.ContainsFunc(t.Scenario.Grants, granted) {
			problems = append(problems, t.Document.Problem(at+".use", "method %q needs %q, which the scenario does not grant; write grant: {%s: all}, or use a method without", card.Name, need, need))
		}
	}
	return problems
}

// checkRoles asks that a pool plays each role of the card, and that no other is cast.
func checkRoles(card method.Card, m scenario.Member, at string, t *Trial) (problems []scenario.Problem) {
	var pools, roles []string
	for _, p := range t.Scenario.Population {
		pools = append(pools, p.Name)
	}
	for _, r := range card.Roles {
		roles = append(roles, string(r))
		if _, cast := m.Roles[string(r)]; !cast && !slices.Contains(pools, string(r)) {
			problems = append(problems, t.Document.Problem(at+".use", "method %q works with a pool called %q, and there are %s; write roles: {%s: %s}",
				card.Name, r, strings.Join(pools, ", "), r, pools[0]))
		}
	}
	for _, r := range slices.Sorted(maps.Keys(m.Roles)) {
		if !slices.Contains(roles, r) {
			problems = append(problems, t.Document.Problem(at+".roles."+r, "method %q has no role %q; it has %s", card.Name, r, strings.Join(roles, ", ")))
		}
	}
	return problems
}
