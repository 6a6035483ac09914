package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

func newValidate() *cobra.Command {
	var ch changes
	var mf methodFlags
	var words bool
	c := &cobra.Command{
		Use:   "validate SCENARIO|FILE",
		Short: "check a scenario and say everything that is wrong with it",
		Long: `Check a scenario as "simrun run" does before it begins: its words, its values, the
parameters of its methods, what its trials would be, the files that it names, what lives
in its world, and what its methods say of that. For this the data are read, and a base
that is not cached yet is made. With --words no file is opened but the scenario's own.`,
		Args: exactly(1, "SCENARIO|FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			a, trials, err := mf.trialsOf(c, args[0], ch)
			if err != nil {
				return err
			}
			if !words {
				if err := mf.check(c, trials); err != nil {
					return err
				}
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is valid: %s\n", a.name, count(len(trials), "trial"))
			return err
		},
	}
	ch.flags(c)
	mf.flags(c)
	c.Flags().BoolVar(&words, "words", false, "check the scenario's words alone")
	return c
}

// check has a world made of each trial, and asks its methods.
func (f *methodFlags) check(c *cobra.Command, trials []plan.Trial) error {
	return f.worlds(c, func(a *world.Assets, s *shelf) error { return check(c.Context(), trials, a, s, nil) })
}

// worlds readies what worlds are made of, for commands that run nothing.
func (f *methodFlags) worlds(c *cobra.Command, do func(*world.Assets, *shelf) error) error {
	s, err := f.shelf(slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }()
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	show := newDisplay(c.ErrOrStderr(), false)
	defer show.clear()
	return do(newAssets(c.Context(), actors.NewStock(newFiles(), diskCache{cache}), show), s)
}
