package main

import (
	"context"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
)

// runFlags are what a run is made of: what is asked, where it goes, and how it is carried out.
type runFlags struct {
	howFlags
	changes changes
	out     string
	keep    string
	anyRoom bool
	command []string // as typed, without "simrun"
}

func newRun(args []string) *cobra.Command {
	f := &runFlags{command: args}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE|RUN",
		Short: "run a scenario and write what came of it into a folder",
		Long: `Run an embedded scenario, or one in a file, and write what came of it into a
folder: the ledgers, tables, a report as one HTML page, and a manifest that marks
the run as whole.

A word is the name of an embedded scenario ("simrun list"); a path that ends in
.yaml is a file. The folder of a run stands for its trials, with all that --set and
--seeds made of them: they are run again, in a folder of their own, to the same hash.
The results go to stdout, progress to stderr.`,
		Example: "  simrun run quickstart\n  simrun run my.yaml --set population.client.count=20 --seeds 1..5\n  simrun run runs/quickstart-53c07bfb",
		Args:    exactly(1, "SCENARIO|FILE|RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c, args[0])
		},
	}
	f.changes.flags(c)
	f.howFlags.flags(c)
	f.outputFlag(c)
	c.Flags().StringVar(&f.out, "out", "", "folder of the run (default runs/NAME-PLANHASH)")
	c.Flags().StringVar(&f.keep, "keep", "last", "checkpoints: last, each (of every round, the newest stays), all, or every:n rounds")
	c.Flags().BoolVar(&f.anyRoom, "no-space-check", false, "run even if the disk may become full")
	return c
}

// run is the whole of it: find, check, carry out, finish, print.
func (f *runFlags) run(c *cobra.Command, what string) (err error) {
	if c.Flags().Changed("out") && f.out == "" {
		return misuse(`--out "": the name of a folder was expected; leave it out for runs/NAME-PLANHASH`)
	}
	keep, err := results.ParseKeep(f.keep)
	if err != nil {
		return misuse("--keep: %v", err)
	}
	scenario, err := find(what, f.changes)
	if err != nil {
		return err
	}
	return f.with(c, newFiles(), func(ctx context.Context, p *performance) error {
		p.text, p.keep, p.anyRoom = scenario.text, keep, f.anyRoom
		if p.trials, err = scenario.trials(ctx, p.shelf); err != nil {
			return err
		}
		p.plan = planOf(p.trials)
		if note := scenario.otherRun(p.plan); note != "" {
			p.warn(note)
		}
		p.plan.Keep, p.plan.Command = keep.String(), commandLine(f.command)
		if p.plan.WorkDir, err = os.Getwd(); err != nil {
			return err
		}
		return scenario.hinted(p.perform(ctx, f.out))
	})
}

// commandLine is a command line as it was typed, quoted for a shell.
func commandLine(args []string) string {
	words := []string{"simrun"}
	for _, w := range args {
		words = append(words, quote(w))
	}
	return strings.Join(words, " ")
}

// quote makes one word of a shell's command line.
func quote(w string) string {
	if w != "" && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%") == "" {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// planOf is the plan as the run folder keeps it.
func planOf(trials []plan.Trial) results.Plan {
	first := trials[0].Scenario
	p := results.Plan{Name: first.Name, Question: first.Question, Hash: plan.Hash(trials)}
	for _, t := range trials {
		pt := results.PlanTrial{ID: results.TrialID(t.Index), Name: t.Name, Arm: t.Arm, Method: chainOf(t), Seed: t.Seed, Hash: t.Hash}
		for _, s := range t.Settings {
			pt.Settings = append(pt.Settings, results.Setting{Path: s.Path, Value: s.Value})
		}
		p.Trials = append(p.Trials, pt)
	}
	return p
}
