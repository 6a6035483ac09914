package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/plan"
)

func newPlan() *cobra.Command {
	var ch changes
	var mf methodFlags
	var output string
	c := &cobra.Command{
		Use:   "plan SCENARIO|FILE",
		Short: "list the trials that a scenario would run; nothing is run",
		Args:  exactly(1, "SCENARIO|FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			if output != "table" && output != "json" {
				return misuse("--output %s: table or json was expected", output)
			}
			_, trials, err := mf.trialsOf(c, args[0], ch)
			if err != nil {
				return err
			}
			if output == "json" {
				b, err := json.MarshalIndent(planOf(trials), "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
				return err
			}
			return printPlan(c, trials)
		},
	}
	ch.flags(c)
	mf.flags(c)
	c.Flags().StringVarP(&output, "output", "o", "table", "table or json")
	return c
}

func printPlan(c *cobra.Command, trials []plan.Trial) error {
	p := planOf(trials)
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "trial\tname\tmethod\tseed\thash") // Flush tells of errors
	for _, t := range p.Trials {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.12s\n", t.ID, t.Name, t.Method, t.Seed, t.Hash)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "\n%s; plan hash %s\n", count(len(trials), "trial"), p.Hash)
	return err
}
