package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/scenarios"
)

func newList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "list the embedded scenarios, with the question that each answers",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, e := range scenarios.List() {
				_, _ = fmt.Fprintf(w, "%s\t%s\n", e.Name, e.Question) // Flush tells of errors
			}
			return w.Flush()
		},
	}
}
