package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/world"
)

func newPlan() *cobra.Command {
	var ch changes
	var mf methodFlags
	var output, kept string
	var estimate bool
	var flops float64
	c := &cobra.Command{
		Use:   "plan SCENARIO|FILE|RUN",
		Short: "list the trials that a scenario would run; nothing is run",
		Long: `List the trials that a scenario would run. With --cost also about how long that takes
here, how many bytes would travel, and how much disk it needs at most: for that the
data are read, and a base that is not cached yet is made. The time is that of training
and evaluating on all cores, and what a run takes beside it: its start, and so much for
each trial, round and client-run. What a method computes itself is left out: where it
decomposes large adapters, "simrun bench fold" says how long that takes.`,
		Example: "  simrun plan quickstart --cost\n  simrun plan my.yaml --cost --seeds 1..8 --keep all -o json",
		Args:    exactly(1, "SCENARIO|FILE|RUN"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkOutput(output); err != nil {
				return err
			}
			if c.Flags().Changed("flops") && !(flops > 0) {
				return misuse("--flops %g: more than 0 was expected", flops)
			}
			keep, err := results.ParseKeep(kept)
			if err != nil {
				return misuse("--keep: %v", err)
			}
			var about *cost
			_, trials, err := mf.trialsOf(c, args[0], ch, func(trials []plan.Trial, s *shelf) (err error) {
				if estimate {
					about, err = estimated(c, trials, s, flops, keep)
				}
				return err
			})
			if err != nil {
				return err
			}
			if output == "json" {
				b, err := json.MarshalIndent(struct {
					results.Plan
					Cost *cost `json:"cost,omitempty"`
				}{planOf(trials), about}, "", "  ")
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
				return err
			}
			if err := printPlan(c, trials); err != nil || about == nil {
				return err
			}
			return about.print(c.OutOrStdout(), flops > 0)
		},
	}
	ch.flags(c)
	mf.flags(c)
	outputFlag(c, &output)
	c.Flags().BoolVar(&estimate, "cost", false, "estimate time, bytes and disk")
	c.Flags().StringVar(&kept, "keep", "last", "checkpoints that the run is to keep, for --cost: last, each, all or every:n rounds")
	c.Flags().Float64Var(&flops, "flops", 0, "FLOP/s of the machine that will run it, for --cost, as in 5e10 (default measured here)")
	return c
}

// estimated readies what an estimate needs, and makes it.
func estimated(c *cobra.Command, trials []plan.Trial, s *shelf, flops float64, keep results.Keep) (*cost, error) {
	var about cost
	err := withAssets(c, func(a *world.Assets) (err error) {
		if about, err = costOf(c.Context(), trials, a, s, disk{keep: keep}); err != nil {
			return err
		}
		return about.timed(trials, a, flops, runtime.NumCPU())
	})
	return &about, err
}

func printPlan(c *cobra.Command, trials []plan.Trial) error {
	p := planOf(trials)
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "trial\tname\tmethod\tseed\thash") // Flush tells of errors
	for _, t := range p.Trials {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%.12s\n", t.ID, t.Name, t.Method, t.Seed, t.Hash)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "\n%s; plan hash %s\n", count(len(trials), "trial"), p.Hash)
	return err
}
