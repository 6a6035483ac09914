package results

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/ledger"
)

// SameTrial says in what a trial as it would be run now differs from the first line of its
// ledger. What differs in any of it would go another way, so the error wraps [ErrMismatch].
func SameTrial(id string, was, is ledger.Trial) error {
	var all []string
	say := func(what, was, is string) {
		if was != is {
			all = append(all, fmt.Sprintf("%s was %s and is %s", what, short(was), short(is)))
		}
	}
	say("the version of the lines", fmt.Sprint(max(1, was.Version)), fmt.Sprint(is.Version))
	say("the numeric contract of the binary", was.Contract, is.Contract)
	say("the scenario (its hash)", was.Scenario, is.Scenario)
	say("the seed", fmt.Sprint(was.Seed), fmt.Sprint(is.Seed))
	contents(say, "the base", was.Bases, is.Bases)
	contents(say, "the data set", was.Data, is.Data)
	contents(say, "the trace of devices", was.Devices, is.Devices)
	if len(was.Methods) != len(is.Methods) {
		say("the length of the chain", fmt.Sprint(len(was.Methods)), fmt.Sprint(len(is.Methods)))
	}
	for i := range min(len(was.Methods), len(is.Methods)) {
		x, y := was.Methods[i], is.Methods[i]
		say("the plugin of method "+quoted(x.Name), x.Plugin, y.Plugin)
		say("the card of method "+quoted(x.Name), x.Card, y.Card)
		say("the parameters of method "+quoted(x.Name), x.Params, y.Params)
	}
	say("the population", fmt.Sprint(was.Pools), fmt.Sprint(is.Pools))
	if len(all) == 0 {
		return nil
	}
	return fmt.Errorf("%w: trial %s is not what its ledger says: %s", ErrMismatch, id, strings.Join(all, "; "))
}

func contents(say func(what, was, is string), what string, was, is []ledger.Content) {
	for _, c := range was {
		now := "gone"
		if i := slices.IndexFunc(is, func(d ledger.Content) bool { return d.Name == c.Name }); i >= 0 {
			now = string(is[i].Blob)
		}
		say(what+" "+quoted(c.Name)+" (its hash)", string(c.Blob), now)
	}
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// short is a text of at most some words; of a hash its head.
func short(s string) string {
	if len(s) == 64 {
		return s[:12] + "…"
	}
	if r := []rune(s); len(r) > 100 {
		return string(r[:100]) + "…"
	}
	return s
}
