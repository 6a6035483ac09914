package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/metric"
)

func newMetric() *cobra.Command {
	c := &cobra.Command{Use: "metric", Short: "the catalogue of metrics", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "list the metrics: formula, unit, direction, and whether \"evaluate\" can ask for it",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "name\tunit\tbetter\tevaluate\tformula") // Flush tells of errors
			for _, m := range metric.All() {
				evaluate := "–"
				if m.Scored {
					evaluate = "yes"
				}
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.Name, m.Unit, m.Direction, evaluate, m.Formula)
			}
			return w.Flush()
		},
	})
	return c
}
