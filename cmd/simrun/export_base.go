package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
)

// tellBases says of the bases that the adapters of a run are for, and that the run made itself, how
// to write them as folders: what the adapters call their base is no folder anywhere until then.
func tellBases(out io.Writer, r *results.Run) error {
	trials, err := planned(r.Dir, r.Plan)
	if err != nil {
		return err
	}
	for _, line := range basesMade(quote(r.Dir), trials) {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

// basesMade is a line for each base that trials make by a recipe; where they make unlike ones under
// one name, for each of these.
func basesMade(run string, trials []plan.Trial) (lines []string) {
	type one struct {
		base  madeBase
		trial string // the first that has it
	}
	var names []string
	made := map[string][]one{}
	for i, t := range trials {
		for _, b := range madeBases(t.Scenario) {
			if made[b.name] == nil {
				names = append(names, b.name)
			}
			if !slices.ContainsFunc(made[b.name], func(x one) bool { return x.base.is(b) }) {
				made[b.name] = append(made[b.name], one{b, results.TrialID(i)})
			}
		}
	}
	for _, name := range names {
		for _, x := range made[name] {
			which, of, into := "", "", name
			if len(made[name]) > 1 {
				which, of, into = " of trial "+x.trial, " --trial "+x.trial, name+"-"+x.trial
			}
			lines = append(lines, fmt.Sprintf("base  %s%s was made by the run: simrun pretrain %s --base %s%s --into %s writes it", name, which, run, name, of, into))
		}
	}
	return lines
}
