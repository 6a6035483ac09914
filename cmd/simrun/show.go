package main

import "github.com/spf13/cobra"

func newShow() *cobra.Command {
	var resolved bool
	var ch changes
	var mf methodFlags
	c := &cobra.Command{
		Use:     "show SCENARIO|FILE|RUN",
		Short:   "print a scenario",
		Long:    "Print a scenario as it is written, or, with --resolved, its trials with every choice made and every default written out.",
		Example: "  simrun show quickstart > my.yaml",
		Args:    exactly(1, "SCENARIO|FILE|RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			a, err := find(args[0], ch)
			if err != nil {
				return err
			}
			text := a.text
			if len(ch.all()) > 0 && !resolved {
				return misuse("show prints a scenario as it is written, without --set and --seeds; add --resolved to see what they make of it")
			}
			if resolved {
				_, trials, err := mf.trialsOf(c, args[0], ch, nil)
				if err != nil {
					return err
				}
				text = resolvedText(planOf(trials), trials)
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
	ch.flags(c)
	mf.flags(c)
	c.Flags().BoolVar(&resolved, "resolved", false, "every trial, every default")
	return c
}
