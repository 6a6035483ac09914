package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
)

// forkFlags say where a run leaves another, and how it differs from there on.
type forkFlags struct {
	howFlags
	round   int
	trials  []string
	sets    []string
	out     string
	keep    string
	anyRoom bool     // the disk is not looked at
	args    []string // as typed, without "simrun"
}

func newFork(args []string) *cobra.Command {
	f := &forkFlags{args: args}
	c := &cobra.Command{
		Use:   "fork RUN --round K --set PATH=VALUE…",
		Short: "go on from a round of a run in another way",
		Long: `Begin a new run at what another was after K rounds, and go on under other words: the
parameters, rounds and regime of its methods, the faults of its pools, and its
budget. Base, data, population and seed stay. The rounds up to K are worked out again
from the nearest checkpoint before it and compared with the ledger ("run --keep all"
has one for each round). One that names blobs which are not stored is passed over, as
by "simrun resume". A fork can be forked from the round on at which it began.

The new folder holds the trials that were chosen, from their first line on, and says
which run they come from.`,
		Example: "  simrun fork runs/quickstart-53c07bfb --round 2 --trial 000 --set method.0.with.lr=1e-3",
		Args:    exactly(1, "RUN --round K --set PATH=VALUE"),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("round") {
				return misuse("--round K is missing: after how many rounds?")
			}
			return f.with(c, newFiles(), func(ctx context.Context, p *performance) error { return f.fork(ctx, p, args[0]) })
		},
	}
	f.flags(c)
	f.outputFlag(c)
	c.Flags().IntVar(&f.round, "round", 0, "rounds that stay as they were")
	c.Flags().StringArrayVar(&f.trials, "trial", nil, "take this trial, as in 000 (repeatable; default all)")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "what is different from there on, as in --set method.0.with.lr=1e-3 (repeatable)")
	c.Flags().StringVar(&f.out, "out", "", "folder of the new run (default runs/NAME-PLANHASH)")
	c.Flags().BoolVar(&f.anyRoom, "no-space-check", false, "run even if the disk may become full")
	c.Flags().StringVar(&f.keep, "keep", "last", "checkpoints: last, each (of every round, the newest stays), all, or every:n rounds")
	return c
}

// fork reads the old run, lays out the new one beside it, and goes on with that.
func (f *forkFlags) fork(ctx context.Context, p *performance, dir string) (err error) {
	if p.keep, err = results.ParseKeep(f.keep); err != nil {
		return misuse("--keep: %v", err)
	}
	if err := f.allowed(); err != nil {
		return err
	}
	old := *p
	if err := old.known(ctx, dir); err != nil {
		return err
	}
	if p.text, err = old.plan.ScenarioText(dir); err != nil {
		return err
	}
	chosen, err := f.choose(old.plan)
	if err != nil {
		return err
	}
	if p.trials, err = f.changed(ctx, &old, dir, chosen); err != nil {
		return err
	}
	heads := make([]ledger.Trial, len(p.trials))
	if err := check(ctx, p.trials, p.assets, p.shelf, func(i int, head ledger.Trial) error { heads[i] = head; return nil }); err != nil {
		return err
	}
	p.plan = planOf(p.trials)
	p.plan.Name, p.plan.Question = old.plan.Name, old.plan.Question
	p.plan.Command, p.plan.Keep, p.plan.WorkDir = commandLine(f.args), p.keep.String(), old.plan.WorkDir
	p.plan.Fork = &results.Fork{Run: dir, Round: f.round, Sets: f.sets}
	for _, i := range chosen {
		p.plan.Fork.Trials = append(p.plan.Fork.Trials, results.TrialID(i))
	}
	p.anyRoom = f.anyRoom
	if err := p.room(ctx, f.out, 0); err != nil {
		return err
	}
	err = p.place(f.out, func(to *results.Folder) error { return f.begin(ctx, &old, p.trials, dir, chosen, heads, to) })
	if err != nil {
		return err
	}
	p.warnings = append(p.warnings, old.warnings...)
	for i := range p.trials {
		s, err := p.folder.Standing(i)
		if err != nil {
			return errors.Join(err, p.folder.Release())
		}
		p.standing = append(p.standing, s)
	}
	p.show.say("%s goes on from %s after %s", p.folder.Dir, dir, count(f.round, "round"))
	return p.carryOut(ctx)
}

// begin brings each trial to the round again, and writes down what it is there.
func (f *forkFlags) begin(ctx context.Context, old *performance, trials []plan.Trial, dir string, chosen []int, heads []ledger.Trial, to *results.Folder) (err error) {
	ctx, fail := failing(ctx)
	defer fail(nil)
	if err := old.engine.open(&old.how.mesh, to.Dir, results.SpoolDir(to.Dir), old.stock, old.how.warner(old.show), fail); err != nil {
		return err
	}
	defer func() { err = errors.Join(because(ctx, err), old.engine.close()) }()
	blobs, err := blob.Open(to.BlobDir())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Close()) }()
	for n, i := range chosen {
		lines, err := results.Ledger(dir, i)
		if err != nil {
			return err
		}
		err = old.again(ctx, dir, i, f.round, func(at results.Checkpoint, from *blob.Store) error {
			if err := f.matters(trials[n].Scenario, at.Machine); err != nil {
				return err
			}
			if err := copyFrom(from, blobs, at.Machine.Names()); err != nil {
				return err
			}
			head := heads[n]
			head.Fork = &ledger.Fork{Round: f.round, Ledger: at.Hash}
			return to.Begin(n, head, lines, at)
		})
		if err != nil {
			return fmt.Errorf("trial %s of %s: %w", results.TrialID(i), dir, err)
		}
	}
	return nil
}

// choose finds the trials that are to go on.
func (f *forkFlags) choose(p results.Plan) (chosen []int, err error) {
	for i, t := range p.Trials {
		if len(f.trials) == 0 || slices.Contains(f.trials, t.ID) {
			chosen = append(chosen, i)
		}
	}
	for _, id := range f.trials {
		if _, ok := p.Trial(id); !ok {
			return nil, misuse("--trial %s: the run has trials %s to %s", id, p.Trials[0].ID, p.Trials[len(p.Trials)-1].ID)
		}
	}
	return chosen, nil
}
