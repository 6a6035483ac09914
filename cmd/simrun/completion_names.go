package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
	"github.com/loramesh/loramesh/sim/metric"
)

// namesFor are the names that a word of a usage stands for: of what came with the program, or
// of what the run has that is the first argument. nil: it stands for none.
func namesFor(word string, args []string) (all []cobra.Completion) {
	offer := func(name, about string) { all = append(all, cobra.CompletionWithDesc(name, about)) }
	switch {
	case strings.Contains(word, "METHOD"):
		for _, s := range builtin.Sets() {
			for _, m := range s.Methods {
				card := m.Describe()
				offer(card.Name, card.Title)
			}
		}
	case strings.Contains(word, "SET"):
		for _, s := range builtin.Sets() {
			offer(s.Name, "")
		}
	case strings.Contains(word, "METRIC"):
		for _, m := range metric.All() {
			offer(m.Name, m.Formula)
		}
	case strings.Contains(word, "ID"):
		for _, c := range claims.All() {
			offer(c.ID, c.Statement)
		}
	case strings.Contains(word, "ARM") && len(args) > 0 && !isFolder(args[len(args)-1]), strings.Contains(word, "ARM") && len(args) == 1:
		return armsOf(args[0])
	case strings.Contains(word, "PARTICIPANT"):
		return poolsOf(args[0])
	}
	return all
}

// armsOf are the arms that a run has. A shell cannot be told what is wrong with one that cannot
// be read, here and below: it has none.
func armsOf(run string) (all []cobra.Completion) {
	p, err := results.ReadPlan(run)
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, t := range p.Trials {
		if !seen[t.Arm] {
			all = append(all, t.Arm)
		}
		seen[t.Arm] = true
	}
	return all
}

// scoresOf are the scores by which trials of a run that have ended can be compared.
func scoresOf(run string) []cobra.Completion {
	r, err := results.Read(run)
	if err != nil {
		return nil
	}
	var all []cobra.Completion
	for _, s := range r.Summarise().Scores {
		all = append(all, cobra.CompletionWithDesc(s.Name, s.Formula))
	}
	return all
}

// trialsIn are the trials of a run.
func trialsIn(run string) (all []cobra.Completion) {
	p, err := results.ReadPlan(run)
	if err != nil {
		return nil
	}
	for _, t := range p.Trials {
		all = append(all, cobra.CompletionWithDesc(t.ID, t.Name))
	}
	return all
}

// poolsOf are the pools of a run, each with the slash behind which a number stands.
func poolsOf(run string) (all []cobra.Completion) {
	texts, err := results.ReadResolved(run)
	if err != nil || len(texts) == 0 {
		return nil
	}
	if s, ok := results.ScenarioOf(results.TrialID(0), texts[0]); ok {
		for _, p := range s.Population {
			all = append(all, p.Name+"/")
		}
	}
	return all
}

// startingWith keeps what begins so.
func startingWith(begun string, from []cobra.Completion) (all []cobra.Completion) {
	for _, x := range from {
		if strings.HasPrefix(x, begun) {
			all = append(all, x)
		}
	}
	return all
}
