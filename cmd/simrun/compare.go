package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// compareFlags say what is compared, and how.
type compareFlags struct {
	against string
	ask     results.Ask
	form    string
}

func newCompare() *cobra.Command {
	f := &compareFlags{}
	c := &cobra.Command{
		Use:   "compare RUN [ARM …] | RUN RUN …",
		Short: "compare arms of a run, or runs, seed by seed: intervals, tests, verdicts",
		Long: `Compare arms of one run with a reference arm, or the arms of later runs with those
of the same name in the first, seed by seed: trials of one seed share participants,
shards and batches, so most of what seeds do falls out of the difference.

Printed are the mean difference with its interval (bias-corrected bootstrap over
seeds; Student's t below 8 seeds), an exact test (sign flips; signed ranks above 20
seeds) adjusted over the rows of a score by Holm's rule, the effect size, how many seeds
would find a difference of the margin (two-sided t-test, level 0.05, power 0.8), and a
verdict: better, worse, equivalent within the margin, not decided. With fewer than 8
seeds there is no verdict, only the direction seen.`,
		Example: "  simrun compare runs/quickstart-53c07bfb\n" +
			"  simrun compare runs/quickstart-53c07bfb flora zeropad --against fedit --metric test.loss\n" +
			"  simrun compare runs/before runs/after -o json",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error { return f.compare(c, args) },
	}
	c.Flags().StringVar(&f.against, "against", "", "the reference arm (default: the first of the plan)")
	c.Flags().StringSliceVar(&f.ask.Scores, "metric", nil, "scores to compare, as test.loss (default: all)")
	c.Flags().Float64Var(&f.ask.Margin, "margin", 0, "differences within ± this are of no account (default: 0.01 nat, 0.01 of a share)")
	c.Flags().StringVar(&f.ask.Within, "within", "", "resample the groups of this column too, as a sample of clients or queries; example: every example (once for all seeds, where they are the same at each)")
	outputFlag(c, &f.form)
	return c
}

func (f *compareFlags) compare(c *cobra.Command, args []string) error {
	asJSON, err := wantsJSON(f.form)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return misuse("usage: %s", c.UseLine())
	}
	if c.Flags().Changed("margin") && !(f.ask.Margin > 0) {
		return misuse("--margin %v: a number above 0 was expected", f.ask.Margin)
	}
	table, unread, err := f.table(args)
	if err != nil {
		return err
	}
	for _, err := range unread {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: left out: %v\n", err)
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), comparisonObjectOf(table))
	}
	if s := table.Sentence(); s != "" {
		if _, err := fmt.Fprintf(c.OutOrStdout(), "%s\n\n", s); err != nil {
			return err
		}
	}
	return table.Table().Write(c.OutOrStdout(), bold(c.OutOrStdout()))
}

// table reads the first argument as a run; if the second is a folder too, all are runs,
// otherwise they are arms of the first.
func (f *compareFlags) table(args []string) (results.Comparison, []error, error) {
	several := len(args) > 1 && isFolder(args[1])
	paths := args[:1]
	if several {
		paths = args
	}
	var runs []*results.Run
	var unread []error
	for _, path := range paths {
		r, err := results.Read(path)
		if err != nil {
			return results.Comparison{}, nil, err
		}
		if len(r.Trials) == 0 {
			return results.Comparison{}, nil, misuse("%s: no trial has finished; there is nothing to compare", path)
		}
		runs = append(runs, r)
		unread = append(unread, r.Unread...)
	}
	if several {
		if f.against != "" {
			return results.Comparison{}, nil, misuse("--against names an arm of one run; of several runs the first is the reference")
		}
		c, err := results.CompareRuns(runs, f.ask)
		return c, unread, err
	}
	c, err := runs[0].Compare(f.against, args[1:], f.ask)
	return c, unread, err
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// comparisonObject is what -o json prints. Numbers that JSON has no word for are strings.
type comparisonObject struct {
	Reference string           `json:"reference"`
	Answer    string           `json:"answer"`
	Rows      []comparedObject `json:"rows"`
	Warnings  []string         `json:"warnings"`
}

type comparedObject struct {
	Arm            string           `json:"arm"`
	Reference      string           `json:"reference"`
	Score          string           `json:"score"`
	Better         string           `json:"better"`
	Verdict        string           `json:"verdict"`
	Seeds          []uint64         `json:"seeds"`
	Differences    []ledger.Number  `json:"differences"`
	Mean           ledger.Number    `json:"mean"`
	Median         ledger.Number    `json:"median"`
	SD             ledger.Number    `json:"sd"`
	Interval       [2]ledger.Number `json:"interval"`
	IntervalKind   string           `json:"interval_kind"`
	MedianInterval [2]ledger.Number `json:"median_interval"`
	Nested         bool             `json:"nested"`
	Test           string           `json:"test"`
	P              ledger.Number    `json:"p"`
	PHolm          ledger.Number    `json:"p_holm"`
	PSignedRank    ledger.Number    `json:"p_signed_rank"`
	Margin         float64          `json:"margin"`
	PEquivalence   ledger.Number    `json:"p_equivalence"`
	Dz             ledger.Number    `json:"effect_dz"`
	Gz             ledger.Number    `json:"effect_gz"`
	Biserial       ledger.Number    `json:"effect_rank_biserial"`
	SeedsNeeded    int              `json:"seeds_needed"` // to find a difference of the margin, by
	Level          float64          `json:"level"`        // a two-sided t-test at this level
	Power          float64          `json:"power"`        // with this probability
	Warnings       []string         `json:"warnings"`
}

func comparisonObjectOf(c results.Comparison) comparisonObject {
	o := comparisonObject{Reference: c.Reference, Answer: c.Sentence(), Rows: []comparedObject{}, Warnings: words(c.Warnings)}
	for _, r := range c.Rows {
		in, kind := r.Best()
		better := "lower"
		if r.Score.Higher {
			better = "higher"
		}
		x := comparedObject{Arm: r.Arm, Reference: r.Reference, Score: r.Score.Name, Better: better, Verdict: string(r.Verdict()), Seeds: r.Seeds,
			Mean: ledger.Number(r.Mean), Median: ledger.Number(r.Median), SD: ledger.Number(r.SD),
			Interval: [2]ledger.Number{ledger.Number(in.Low), ledger.Number(in.High)}, IntervalKind: kind,
			MedianInterval: [2]ledger.Number{ledger.Number(r.OfMedian.Low), ledger.Number(r.OfMedian.High)}, Nested: r.Nested,
			Test: r.Test, P: ledger.Number(r.P), PHolm: ledger.Number(r.Holm), PSignedRank: ledger.Number(r.SignedRank.P),
			Margin: r.Question.Margin, PEquivalence: ledger.Number(r.Equivalent.P),
			Dz: ledger.Number(r.Effect.Dz), Gz: ledger.Number(r.Effect.Gz), Biserial: ledger.Number(r.Effect.Biserial), SeedsNeeded: r.Needed, Level: r.Question.Alpha, Power: r.Question.Power,
			Warnings: words(r.Paired.Warnings)}
		for _, d := range r.Differences {
			x.Differences = append(x.Differences, ledger.Number(d))
		}
		o.Rows = append(o.Rows, x)
	}
	return o
}

func words(errs []error) []string {
	out := make([]string, len(errs))
	for i, err := range errs {
		out[i] = err.Error()
	}
	return out
}
