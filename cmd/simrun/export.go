package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/export"
)

func newExport() *cobra.Command {
	var to, out string
	var doc strings.Builder
	for _, f := range export.Formats() {
		_, _ = fmt.Fprintf(&doc, "\n  %-12s %s", f.Name, f.Doc) // a builder takes everything
	}
	c := &cobra.Command{
		Use:   "export RUN --to FORMAT",
		Short: "write a run in the form of another tool: " + strings.Join(export.Names(), ", "),
		Long: `Write a run, or the finished trials of one that did not end, in the form of another
tool. The folder must be new or empty. An adapter of peft names its base as the scenario
does; where that is one that the run made itself, the command is told that writes it.
` + doc.String(),
		Example: "  simrun export runs/quickstart-53c07bfb --to tensorboard\n  simrun export runs/quickstart-53c07bfb --to parquet --out tables",
		Args:    exactly(1, "RUN --to FORMAT"),
		RunE: func(c *cobra.Command, args []string) error {
			if to == "" {
				return misuse("--to says as what: %s", strings.Join(export.Names(), ", "))
			}
			r, err := results.Read(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = strings.TrimRight(args[0], "/") + "-" + to
			}
			if err := export.To(to, r, out); err != nil {
				return err
			}
			for _, err := range r.Unread {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: left out: %v\n", err)
			}
			if _, err = fmt.Fprintf(c.OutOrStdout(), "%s  %s/\n", to, out); err != nil || to != "peft" {
				return err
			}
			return tellBases(c.OutOrStdout(), r)
		},
	}
	c.Flags().StringVar(&to, "to", "", "format: "+strings.Join(export.Names(), ", "))
	c.Flags().StringVar(&out, "out", "", "folder to write (default RUN-FORMAT)")
	return c
}
