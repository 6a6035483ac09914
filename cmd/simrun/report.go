package main

import (
	"errors"
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
says so, and shows the trials that did. Of one that is running the table is printed;
its files are left to it.`,
		Args: exactly(1, "RUN"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			release, err := results.Own(args[0])
			busy := errors.Is(err, results.ErrPlace)
			switch {
			case err == nil:
				defer func() { err = errors.Join(err, release()) }()
			case !busy:
				return err
			}
			r, err := results.Read(args[0])
			if err != nil {
				return err
			}
			if !busy {
				if err := remake(r); err != nil {
					return err
				}
			}
			if err := writeSummary(c.OutOrStdout(), r.Summarise()); err != nil {
				return err
			}
			for _, err := range r.Unread {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: left out: %v\n", err)
			}
			if busy {
				_, err = fmt.Fprintf(c.ErrOrStderr(), "simrun: %s is running: it makes its tables and its page when it ends\n", args[0])
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "\nreport  %s\n", r.ReportPath())
			return err
		},
	}
}

// remake makes the files anew that are made from the ledgers, in a folder that is ours.
func remake(r *results.Run) error {
	if err := r.Rewrite(); err != nil {
		return err
	}
	if err := report.Write(r); err != nil {
		return err
	}
	return r.Reseal()
}
