package main

import (
	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/scenario"
)

func newSchema() *cobra.Command {
	var words bool
	c := &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of scenarios, for editors",
		Long: `Print the JSON Schema of scenarios (draft 2020-12). An editor that knows it
completes words and marks mistakes while you type. With --words, print the same as
a reference for reading.`,
		Example: "  simrun schema > scenario.schema.json\n  simrun schema --words | less",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			text := scenario.Schema()
			if words {
				text = scenario.Reference()
			}
			_, err := c.OutOrStdout().Write(text)
			return err
		},
	}
	c.Flags().BoolVar(&words, "words", false, "a reference for reading, a line for each word")
	return c
}
