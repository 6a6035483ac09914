package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

func newVerify() *cobra.Command {
	f := &howFlags{}
	var rerun bool
	c := &cobra.Command{
		Use:   "verify RUN",
		Short: "check every line, file and blob of a run against its hashes",
		Long: `Check a run folder against itself: the chain of every ledger, the ledgers and all
other files against the manifest, and every blob against its name. Exit code 6 means
that something is not what was written. What is made from the ledgers (metrics.csv,
trials.csv, report.html) "simrun report RUN" makes again. A file that is not part of the
run is named on stderr and changes nothing: no hash depends on it, and no table is made
of it.

With --rerun the work is done again, and each line that comes of it is compared with
that of the ledger; the flags that follow it say how, as for "simrun run".`,
		Args: exactly(1, "RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := needRerun(c, rerun); err != nil {
				return err
			}
			checked, err := results.Verify(args[0])
			for _, name := range checked.Strangers {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: not part of this run: %s/%s\n", strings.TrimRight(args[0], "/"), name)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s is sound: %s, %s, %s\nhash  %s\n", args[0],
				count(checked.Trials, "trial"), count(checked.Lines, "line"), count(checked.Blobs, "held blob"), checked.Hash)
			if err != nil || !rerun {
				return err
			}
			err = f.with(c, newFiles(), func(ctx context.Context, p *performance) error { return p.rerun(ctx, args[0]) })
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "rerun: %s came out the same, to the bit\n", count(checked.Lines, "line"))
			return err
		},
	}
	c.Flags().BoolVar(&rerun, "rerun", false, "do the work again, and compare every line")
	f.flags(c)
	return c
}

// needRerun refuses flags that say how work is done where none is.
func needRerun(c *cobra.Command, rerun bool) error {
	given := c.Flags().NFlag()
	if c.Flags().Changed("quiet") {
		given--
	}
	if given > 0 && !rerun {
		return misuse("flags say how work is done again, and without --rerun none is: add it, or leave them out")
	}
	return nil
}
