package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
)

// changeable are the words that a fork may change: nothing that the rounds before it were
// made of.
var changeable = []string{"method.N.with", "method.N.rounds", "method.N.regime", "population.POOL.faults", "budget"}

// allowed refuses changes of what must stay.
func (f *forkFlags) allowed() error {
	if f.round < 0 {
		return misuse("--round %d: at least 0 was expected", f.round)
	}
	if len(f.sets) == 0 {
		return misuse("nothing is changed by --set PATH=VALUE: the fork would go the same way; \"simrun verify RUN --rerun\" does that")
	}
	for _, set := range f.sets {
		path, _, _ := strings.Cut(set, "=")
		words := strings.Split(path, ".")
		for i, w := range words {
			if _, err := strconv.Atoi(w); err == nil {
				words[i] = "N"
			}
		}
		if words[0] == "population" && len(words) > 2 {
			words[1] = "POOL"
		}
		general := strings.Join(words, ".")
		if !slices.ContainsFunc(changeable, func(c string) bool { return general == c || strings.HasPrefix(general, c+".") }) {
			return misuse("--set %s: a fork may change %s; what the rounds before it were made of stays (base, data, population, seed, the chain)", path, strings.Join(changeable, ", "))
		}
	}
	return nil
}

// matters refuses changes of a method that has had its rounds when the fork begins: nothing would
// come of them. Before the last stage each may have more.
func (f *forkFlags) matters(s *scenario.Scenario, at coordinator.Checkpoint) error {
	for _, set := range f.sets {
		path, _, _ := strings.Cut(set, "=")
		words := strings.Split(path, ".")
		if words[0] != "method" {
			continue
		}
		i, err := strconv.Atoi(words[1])
		if err != nil || i >= len(s.Method) {
			panic(fmt.Sprintf("--set %s was laid over a chain of %d methods", path, len(s.Method))) // it was parsed
		}
		rounds := s.Method[i].Rounds
		switch {
		case i < at.Member && at.Stage+1 >= len(s.Stages):
			return misuse("--set %s: after round %d method %d (%s) has had all its rounds: the change would do nothing; fork at an earlier round", path, f.round, i, s.Method[i].Use)
		case i == at.Member && rounds > 0 && at.Local > rounds:
			return misuse("--set %s=%d: after round %d method %d (%s) has had %s: at least as many were expected", path, rounds, f.round, i, s.Method[i].Use, count(at.Local, "round"))
		}
	}
	return nil
}

// changed lays the changes over the chosen trials.
func (f *forkFlags) changed(ctx context.Context, old *performance, dir string, chosen []int) ([]plan.Trial, error) {
	texts, err := results.ReadResolved(dir)
	if err != nil {
		return nil, err
	}
	var trials []plan.Trial
	for n, i := range chosen {
		was := old.trials[i]
		doc, problems := scenario.Parse(fmt.Sprintf("resolved.yaml (trial %s)", results.TrialID(i)), texts[i], f.sets...)
		if err := problemsOrNil(problems); err != nil {
			return nil, err
		}
		t, problems := plan.Again(doc, n, was.Name, was.Arm, was.Settings)
		if err := problemsOrNil(problems); err != nil {
			return nil, err
		}
		trials = append(trials, t)
	}
	cards, err := old.shelf.cards(ctx, methodsOf(trials))
	if err != nil {
		return nil, err
	}
	trials, problems := plan.CheckMethods(trials, cards)
	if err := problemsOrNil(problems); err != nil {
		return nil, err
	}
	for n, i := range chosen {
		if trials[n].Hash == old.trials[i].Hash {
			return nil, misuse("--set %s changes nothing in trial %s", strings.Join(f.sets, " --set "), results.TrialID(i))
		}
	}
	return trials, nil
}
