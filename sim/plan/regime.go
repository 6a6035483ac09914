package plan

import (
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/scenario"
)

// checkRegime asks that the method bears the way in which its rounds close, and that the
// pools which play its roles are offered in a way that goes with it.
func checkRegime(card method.Card, m scenario.Member, at string, t *Trial) (problems []scenario.Problem) {
	say := func(word, format string, args ...any) {
		problems = append(problems, t.Document.Problem(at+".regime."+word, format, args...))
	}
	r := m.Regime
	if r.Kind == "flying" {
		if !card.Stale {
			say("flying", "method %q takes no reports of earlier rounds, and with \"flying\" they come; write regime: sync or {deadline: T}, or use a method that does (simrun plugin list)", card.Name)
		}
		if r.Close > r.Flying {
			say("close", "at most %d was expected, as many as fly, found %d", r.Flying, r.Close)
		}
		if len(card.Roles) != 1 {
			say("flying", "method %q works with %d pools, and \"flying\" counts the participants of one; write regime: sync", card.Name, len(card.Roles))
		}
	}
	for _, p := range poolsOf(card, m, t.Scenario) {
		switch {
		case r.Kind == "flying" && p.Offer.Kind == "sweep":
			say("flying", "pool %q is swept, and a sweep goes round by round; write offer: all or {draw: %d}", p.Name, p.Offer.N)
		case r.Over > 1 && p.Offer.Kind != "draw":
			say("over", "pool %q is offered %s, and more than that cannot be asked; write offer: {draw: n} there, or leave \"over\" out", p.Name, offered(p.Offer))
		}
	}
	return problems
}

// offered is an offer in words.
func offered(o scenario.Offer) string {
	if o.Kind == "sweep" {
		return fmt.Sprintf("in a sweep of %d", o.N)
	}
	return "whole"
}
