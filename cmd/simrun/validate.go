package main

import (
	"fmt"

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
		Use:   "validate SCENARIO|FILE|RUN",
		Short: "check a scenario and say everything that is wrong with it",
		Long: `Check a scenario as "simrun run" does before it begins: its words, its values, the
parameters of its methods, what its trials would be, the files that it names, what lives
in its world, and what its methods say of that. For this the data are read, and a base
that is not cached yet is made. With --words no file is opened but the scenario's own.`,
		Args: exactly(1, "SCENARIO|FILE|RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			a, trials, err := mf.trialsOf(c, args[0], ch, func(trials []plan.Trial, s *shelf) error {
				if words {
					return nil
				}
				return withAssets(c, func(a *world.Assets) error { return check(c.Context(), trials, a, s, nil) })
			})
			if err != nil {
				return err
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

// withAssets readies what worlds are made of, for commands that run nothing, and tells what there
// is to know of the data.
func withAssets(c *cobra.Command, do func(*world.Assets) error) error {
	cache, err := cacheDir()
	if err != nil {
		return err
	}
	show := newDisplay(c.ErrOrStderr(), false)
	defer show.clear()
	a := newAssets(c.Context(), actors.NewStock(newFiles(), diskCache{cache}), show)
	err = do(a)
	for _, text := range a.Streams() {
		show.say("%s", text)
	}
	for _, note := range a.Notes() {
		show.say("%s", note)
	}
	return err
}
