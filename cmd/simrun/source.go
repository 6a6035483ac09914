package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/scenarios"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
)

// asked is what the user wants carried out: a scenario with changes laid over it, or the trials of
// a run once more.
type asked struct {
	name    string // how messages call it: the path, or the embedded name with .yaml
	text    []byte
	changes changes
	run     string // folder of the run; "": a scenario is meant
}

// changes are the flags that lay something over a scenario.
type changes struct {
	sets  []string
	seeds string
	given func() bool // whether --seeds was given, be it with nothing
}

func (c *changes) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.sets, "set", nil, "lay a value over any field, as in --set population.client.count=20 (repeatable)")
	cmd.Flags().StringVar(&c.seeds, "seeds", "", "run these seeds, as in --seeds 1..5 or --seeds 3")
	c.given = func() bool { return cmd.Flags().Changed("seeds") }
}

// all is the arguments of --set with --seeds put into the same words.
func (c changes) all() []string {
	if c.seeds == "" {
		return c.sets
	}
	return append(slices.Clone(c.sets), c.seedSet())
}

// seedSet is --seeds as an argument of --set.
func (c changes) seedSet() string {
	if strings.Contains(c.seeds, "..") {
		return "vary.seed=" + c.seeds
	}
	return "vary.seed=[" + strings.Trim(c.seeds, "[]") + "]"
}

// spoken gives problems of what --seeds became the words that the user wrote.
func (c changes) spoken(ps []scenario.Problem) []scenario.Problem {
	for i := range ps {
		if c.seeds != "" && ps[i].File == "--set "+c.seedSet() {
			ps[i].File = "--seeds " + c.seeds
			ps[i].Text += "; seeds are written as in 1..5, 3 or 2,7"
		}
	}
	return ps
}

// again is the changes as flags, for a process of our own.
func (c changes) again() (flags []string) {
	for _, s := range c.sets {
		flags = append(flags, "--set", s)
	}
	if c.seeds != "" {
		flags = append(flags, "--seeds", c.seeds)
	}
	return flags
}

// find reads a scenario. The folder of a run stands for its trials. What ends in .yaml or .yml, and
// what begins with a dot or a slash, is a file; any other word is the name of an embedded scenario,
// unless a file of just that name lies here and no scenario is called so.
func find(what string, c changes) (asked, error) {
	a := asked{name: what, changes: c}
	if c.seeds == "" && c.given != nil && c.given() {
		return a, misuse(`--seeds "": seeds were expected, as in 1..5 or 3 or 2,7`)
	}
	if isRun(what) {
		return a.ofRun()
	}
	if dir := filepath.Dir(what); isRun(dir) && results.IsResolved(what) {
		return a, misuse("%s: these are the trials of a run, one behind the other; simrun run %s runs them again", what, quote(dir))
	}
	var err error
	if !isPath(what) {
		a.text, err = scenarios.Read(what)
		if err == nil {
			a.name = what + ".yaml"
			return a, nil
		}
		if _, stat := os.Stat(what); stat != nil {
			path := "./my.yaml"
			if there(what + ".yaml") {
				path = what + ".yaml, which lies here"
			}
			return a, misuse("%v (a file is named by its path, as in %s)", err, path)
		}
	}
	if _, err = regular(what); err == nil {
		a.text, err = os.ReadFile(what)
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		hint := ""
		if embedded := strings.TrimSuffix(filepath.ToSlash(what), filepath.Ext(what)); isEmbedded(embedded) {
			hint = fmt.Sprintf("; %q without the ending is an embedded scenario", embedded)
		} else if inside := filepath.Join(what, "scenario.yaml"); there(inside) {
			hint = "; the scenario of a run is in " + inside
		}
		return a, misuse("%s: the scenario cannot be read: %v%s", what, pathErr.Err, hint)
	}
	return a, err
}

func isPath(what string) bool {
	ext := filepath.Ext(what)
	return ext == ".yaml" || ext == ".yml" || strings.HasPrefix(what, ".") || filepath.IsAbs(what)
}

func there(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func isEmbedded(name string) bool {
	return slices.ContainsFunc(scenarios.List(), func(e scenarios.Entry) bool { return e.Name == name })
}

// expand parses a scenario and makes its trials; methods are not looked at.
func (a asked) expand() ([]plan.Trial, error) {
	if a.run != "" {
		p, err := results.ReadPlan(a.run)
		if err != nil {
			return nil, err
		}
		return planned(a.run, p)
	}
	doc, problems := scenario.Parse(a.name, a.text, a.changes.all()...)
	if err := problemsOrNil(a.changes.spoken(problems)); err != nil {
		return nil, err
	}
	trials, problems := plan.Expand(doc)
	return trials, problemsOrNil(a.changes.spoken(problems))
}

// trials expands a scenario and holds its methods against their cards.
func (a asked) trials(ctx context.Context, s *shelf) ([]plan.Trial, error) {
	if a.run != "" {
		p, err := results.ReadPlan(a.run)
		if err != nil {
			return nil, err
		}
		return trialsOf(ctx, a.run, p, s)
	}
	trials, err := a.expand()
	if err != nil {
		return nil, err
	}
	cards, err := s.cards(ctx, methodsOf(trials))
	if err != nil {
		return nil, err
	}
	trials, problems := plan.CheckMethods(trials, cards)
	return trials, problemsOrNil(problems)
}

// methodsOf lists the methods that trials use, each once, in order.
func methodsOf(trials []plan.Trial) []string {
	var names []string
	for _, t := range trials {
		for _, m := range t.Scenario.Method {
			if !slices.Contains(names, m.Use) {
				names = append(names, m.Use)
			}
		}
	}
	return names
}
