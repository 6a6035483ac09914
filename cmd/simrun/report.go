package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/report"
)

func newReport() *cobra.Command {
	return &cobra.Command{
		Use:   "report RUN",
		Short: "make the tables and the page of a run again from its ledgers",
		Long: `Make metrics.csv, trials.csv and report.html of a run folder again from its
ledgers, and print the table. It also works on a run that did not finish: the page
says so, and shows the trials that did.`,
		Args: exactly(1, "RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			r, err := results.Read(args[0])
			if err != nil {
				return err
			}
			if err := r.Rewrite(); err != nil {
				return err
			}
			if err := report.Write(r); err != nil {
				return err
			}
			if err := r.Reseal(); err != nil {
				return err
			}
			if err := writeSummary(c.OutOrStdout(), r.Summarise()); err != nil {
				return err
			}
			for _, err := range r.Unread {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: left out: %v\n", err)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "\nreport  %s\n", r.ReportPath())
			return err
		},
	}
}
