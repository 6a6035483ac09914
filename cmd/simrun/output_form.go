package main

import "github.com/spf13/cobra"

// outputFlag adds -o to a command that prints a table or one JSON object.
func outputFlag(c *cobra.Command, into *string) {
	c.Flags().StringVarP(into, "output", "o", "table", "table or json")
}

// checkOutput refuses any other word.
func checkOutput(output string) error {
	if output != "table" && output != "json" {
		return misuse("--output %s: table or json was expected", output)
	}
	return nil
}

// wantsJSON is checkOutput, and which of the two it is.
func wantsJSON(output string) (bool, error) { return output == "json", checkOutput(output) }
