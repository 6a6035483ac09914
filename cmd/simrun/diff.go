package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

func newDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff RUN RUN",
		Short: "show the first line in which two runs differ",
		Long: `Compare two runs ledger by ledger and show the first line that differs, with the
first field in it. Where, how fast and by which engine they were run does not
count. Exit code 6 means that they differ.`,
		Args: exactly(2, "RUN RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			d, err := results.Diff(args[0], args[1])
			if err != nil {
				return err
			}
			if d == nil {
				_, err := fmt.Fprintln(c.OutOrStdout(), "equal: every line of every trial")
				return err
			}
			return tell(c, d)
		},
	}
}

// tell prints a difference and returns it as the mismatch that it is.
func tell(c *cobra.Command, d *results.Difference) error {
	if d.Line == nil {
		return fmt.Errorf("%w: %s", results.ErrMismatch, d.Why)
	}
	for _, side := range []struct {
		sign string
		raw  []byte
	}{{"-", d.Line.Left}, {"+", d.Line.Right}} {
		if side.raw == nil {
			continue
		}
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s %s\n", side.sign, side.raw); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: trial %s, line %d (%s): %s", results.ErrMismatch, d.Trial, d.Line.N+1, d.Line.Kind, d.Line.Why)
}
