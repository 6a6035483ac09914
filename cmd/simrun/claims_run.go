package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
	"github.com/loramesh/loramesh/sim/world"
)

// claimFlags say how claims are tried.
type claimFlags struct {
	howFlags
	quick   bool
	sets    []string
	out     string
	record  string
	command []string
}

func newClaimsRun(args []string) *cobra.Command {
	f := &claimFlags{command: args}
	c := &cobra.Command{
		Use:   "run [ID …]",
		Short: "decide claims again: all, or those named",
		Long: `Decide claims again. An identity is checked, a curve is drawn; of a comparison every
arm is tuned on the same grid by validation rows, then run at its best over the seeds
that were registered. With --quick there is no tuning and there are few seeds, and
no more is said than which direction was seen.

Runs go to a folder, as those of "simrun run" do. What --set lays over a claim's
scenario is written beside its verdict.`,
		Example: "  simrun claims run F1 F2\n  simrun claims run A3 --quick",
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	f.howFlags.flags(c)
	c.Flags().StringVarP(&f.output, "output", "o", "table", "table or json (a list)")
	c.Flags().BoolVar(&f.quick, "quick", false, "no tuning and few seeds: a direction, within minutes")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "lay a value over the claims' scenarios, as --set of \"simrun run\" does (repeatable)")
	c.Flags().StringVar(&f.out, "out", filepath.Join("runs", "claims"), "folder of the runs")
	c.Flags().StringVar(&f.record, "record", "", "write each outcome into this folder as ID.json")
	return c
}

func (f *claimFlags) run(c *cobra.Command, ids []string) error {
	asJSON, err := wantsJSON(f.output)
	if err != nil {
		return err
	}
	var chosen []claims.Claim
	for _, id := range ids {
		x, err := claims.Lookup(id)
		if err != nil {
			return misuse("%v", err)
		}
		chosen = append(chosen, x)
	}
	if len(ids) == 0 {
		chosen = claims.All()
	}
	var objects []claimObject
	for _, x := range chosen {
		o, err := f.try(c, x)
		if err != nil {
			return fmt.Errorf("claim %s: %w", x.ID, err)
		}
		objects = append(objects, claimObjectOf(x, o, true))
		if asJSON {
			continue
		}
		if err := writeClaim(c, x, o); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(c.OutOrStdout()); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), objects)
	}
	return nil
}

// try decides one claim and keeps what was seen.
func (f *claimFlags) try(c *cobra.Command, x claims.Claim) (o claims.Outcome, err error) {
	how := f.howFlags
	how.output = "table" // of a run, which nobody prints
	err = how.with(c, func(ctx context.Context, p *performance) error {
		o, err = x.Try(ctx, lab{f, c, p}, f.sets, f.quick)
		return err
	})
	if err != nil || f.record == "" {
		return o, err
	}
	text, err := o.Encode()
	if err != nil {
		return o, err
	}
	if err := os.MkdirAll(f.record, 0o777); err != nil {
		return o, err
	}
	return o, results.WriteFile(filepath.Join(f.record, x.ID+".json"), text)
}

// lab carries out what claims ask for, with what the command readied.
type lab struct {
	flags *claimFlags
	c     *cobra.Command
	ready *performance
}

func (l lab) find(scenario string, sets []string) (asked, error) {
	return find(scenario, changes{sets: sets})
}

// Run runs a scenario as "simrun run" would. Each run has an engine of its own.
func (l lab) Run(ctx context.Context, scenario string, sets []string, name string) (*results.Run, error) {
	a, err := l.find(scenario, sets)
	if err != nil {
		return nil, err
	}
	p := *l.ready
	p.engine = &engine{name: l.flags.engine, slots: l.flags.mesh.slots}
	p.print = newPrinter(io.Discard, "table")
	p.text = a.text
	if p.trials, err = a.trials(ctx, p.shelf); err != nil {
		return nil, err
	}
	p.plan = planOf(p.trials)
	p.plan.Command = commandLine(l.flags.command)
	if p.plan.WorkDir, err = os.Getwd(); err != nil {
		return nil, err
	}
	if err := p.perform(ctx, filepath.Join(l.flags.out, name)); err != nil {
		return nil, err
	}
	return results.Read(p.folder.Dir)
}

// World builds that of the first trial.
func (l lab) World(ctx context.Context, scenario string, sets []string) (*world.World, error) {
	a, err := l.find(scenario, sets)
	if err != nil {
		return nil, err
	}
	trials, err := a.trials(ctx, l.ready.shelf)
	if err != nil {
		return nil, err
	}
	return build(trials[0], l.ready.assets)
}
