package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newValidate() *cobra.Command {
	var ch changes
	var mf methodFlags
	c := &cobra.Command{
		Use:   "validate SCENARIO|FILE",
		Short: "check a scenario and say everything that is wrong with it",
		Long: `Check a scenario: its words, its values, the parameters of its methods, and what
its trials would be. Files that it names are not opened, and nothing is trained;
"simrun run" checks those before it begins.`,
		Args: exactly(1, "SCENARIO|FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			a, trials, err := mf.trialsOf(c, args[0], ch)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is valid: %s\n", a.name, count(len(trials), "trial"))
			return err
		},
	}
	ch.flags(c)
	mf.flags(c)
	return c
}
