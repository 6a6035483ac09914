package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

func newResume() *cobra.Command {
	f := &howFlags{}
	var anyRoom bool
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "go on with a run that was interrupted",
		Long: `Go on with a run that was interrupted, killed, or stopped by --timeout. Trials that
have ended are not run again; the one that was under way goes on from its newest
checkpoint, and what its ledger has beyond that is done again and compared. The run
ends with the hash that it would have had undisturbed.

Where the scenario, a base, the data, a plugin or the numeric contract of the binary
are not those that the ledgers name, it is refused with exit code 6.`,
		Example: "  simrun resume runs/quickstart-53c07bfb",
		Args:    exactly(1, "RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, newFiles(), func(ctx context.Context, p *performance) error {
				p.anyRoom = anyRoom
				return p.resume(ctx, args[0])
			})
		},
	}
	f.flags(c)
	c.Flags().BoolVar(&anyRoom, "no-space-check", false, "go on even if the disk may become full")
	f.outputFlag(c)
	return c
}

// resume takes a folder over, holds what it says against what there is, and goes on.
func (p *performance) resume(ctx context.Context, dir string) (err error) {
	if p.folder, p.plan, err = results.Reopen(dir, p.shelf.again()...); err != nil {
		return err
	}
	if err := p.recall(ctx); err != nil {
		return errors.Join(err, p.folder.Release())
	}
	if err := p.rest(ctx); err != nil {
		return errors.Join(err, p.folder.Release())
	}
	p.show.clear()
	for _, w := range p.folder.Warnings {
		p.warn(w)
	}
	done := 0
	for _, s := range p.standing {
		for _, w := range s.Warnings {
			p.warn(w)
		}
		if s.Done() {
			done++
		}
	}
	p.show.say("going on with %s: %d of %s done", dir, done, count(len(p.trials), "trial"))
	return p.carryOut(ctx)
}

// rest checks that the disk has room for what the run has not written yet.
func (p *performance) rest(ctx context.Context) error {
	written, _, err := results.Written(p.folder.Dir)
	if err != nil {
		return err
	}
	return p.room(ctx, p.folder.Dir, written)
}

// recall finds the trials of the folder and how far each has come, and checks that they are
// what the ledgers say.
func (p *performance) recall(ctx context.Context) (err error) {
	if p.keep, err = keepOf(p.plan); err != nil {
		return err
	}
	if p.trials, err = trialsOf(ctx, p.folder.Dir, p.plan, p.shelf); err != nil {
		return err
	}
	for i := range p.trials {
		s, err := p.folder.Standing(i)
		if err != nil {
			return err
		}
		p.standing = append(p.standing, s)
	}
	return hinted(p.plan, check(ctx, p.trials, p.assets, p.shelf, func(i int, head ledger.Trial) error {
		was := p.standing[i].Head
		if was == nil {
			return nil
		}
		return results.SameTrial(results.TrialID(i), *was, head)
	}))
}

func keepOf(p results.Plan) (results.Keep, error) {
	if p.Keep == "" { // of a folder that knew no checkpoints
		return results.Keep{}, nil
	}
	return results.ParseKeep(p.Keep)
}

// hinted adds to an error where the run was asked for, if that was elsewhere: paths of files
// begin there.
func hinted(p results.Plan, err error) error {
	here, _ := os.Getwd() // without it there is no hint
	if err == nil || p.WorkDir == "" || here == "" || here == p.WorkDir {
		return err
	}
	return errors.Join(err, errors.New("the run was asked for in "+p.WorkDir+"; if files are missing, go there"))
}
