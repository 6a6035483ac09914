package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

func newRuns() *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "list and remove run folders",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newRunsList(), newRunsRemove())
	return c
}

func newRunsList() *cobra.Command {
	var output string
	c := &cobra.Command{
		Use:   "ls [FOLDER]",
		Short: "list the run folders under a folder (default runs), the newest first",
		Args:  atMost(1, "[FOLDER]"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			root := "runs"
			if len(args) > 0 {
				root = args[0]
				if info, err := os.Stat(root); err != nil || !info.IsDir() {
					return misuse("no folder: %s", root)
				}
			}
			all, unread, err := results.List(root)
			if err != nil {
				return err
			}
			for _, err := range unread {
				_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: left out: %v\n", err)
			}
			if output == "json" {
				b, err := json.MarshalIndent(append([]results.Entry{}, all...), "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
				return err
			}
			return printRuns(c, root, all)
		},
	}
	outputFlag(c, &output)
	return c
}

func printRuns(c *cobra.Command, root string, all []results.Entry) error {
	if len(all) == 0 {
		_, err := fmt.Fprintf(c.OutOrStdout(), "no run folders in %s\n", root)
		return err
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "run\tname\tstate\ttrials\thash\tsize\tage") // Flush tells of errors
	for _, e := range all {
		hash := "–"
		if e.Hash != "" {
			hash = e.Hash[:12]
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d of %d\t%s\t%s\t%s\n", e.Dir, e.Name, e.State, e.Done, e.Trials, hash, results.Bytes(float64(e.Bytes)), age(time.Since(e.Changed)))
	}
	return w.Flush()
}

// age is a time in the largest unit that it has two of.
func age(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if d >= 2*u.unit {
			return fmt.Sprintf("%d %s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d s", max(0, d/time.Second))
}

func newRunsRemove() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "rm RUN…",
		Short: "remove run folders, and say what that frees",
		Long: `Remove run folders, and say what that frees. What is no run folder, or a link to
one, is never removed, and one that is running only with --force.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse("usage: %s RUN…", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			for _, dir := range args {
				e, err := results.Describe(dir)
				if err != nil {
					return err
				}
				if err := results.Remove(dir, force); err != nil {
					return err
				}
				if _, err := fmt.Fprintf(c.OutOrStdout(), "removed %s (%s, %d of %s): %s freed\n", dir, e.State, e.Done, count(e.Trials, "trial"), results.Bytes(float64(e.Bytes))); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&force, "force", false, "also a run that is running")
	return c
}
