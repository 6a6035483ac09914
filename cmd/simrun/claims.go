package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
	"github.com/loramesh/loramesh/sim/ledger"
)

func newClaims(args []string) *cobra.Command {
	c := &cobra.Command{Use: "claims", Short: "what methods are said to do, and what was seen here", Args: noArgs,
		Long: `The ledger of claims: statements about methods, each written down before it was run,
with where it comes from, by what it is decided, and what was seen. "run" decides one
again.`,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(newClaimsList(), newClaimsShow(), newClaimsRun(args), newClaimsDocs())
	return c
}

// claimObject is a claim as -o json prints it, with what was seen of it.
type claimObject struct {
	ID         string          `json:"id"`
	Kind       string          `json:"kind"`
	Statement  string          `json:"statement"`
	Source     string          `json:"source"`
	Scenario   string          `json:"scenario"`
	Registered string          `json:"registered"`
	Verdict    string          `json:"verdict"`
	Why        string          `json:"why"`
	Quick      bool            `json:"quick"`
	Seeds      []uint64        `json:"seeds"`
	Difference *ledger.Number  `json:"difference"`
	Interval   []ledger.Number `json:"interval"`
	Seconds    float64         `json:"seconds"`
	ReadySec   float64         `json:"ready_seconds"` // bases and data
	Tuning     claims.Cost     `json:"tuning"`
	Hash       string          `json:"hash"`
}

// listedClaim is a claim of the list.
type listedClaim struct {
	ID         string          `json:"id"`
	Verdict    string          `json:"verdict"`
	Source     string          `json:"source"`
	Scenario   string          `json:"scenario"`
	Seeds      []uint64        `json:"seeds"`
	Difference *ledger.Number  `json:"difference"`
	Interval   []ledger.Number `json:"interval"`
	Hash       string          `json:"hash"`
}

// untried is the verdict of a claim that was not tried since it was registered.
const untried = "not tried"

func claimObjectOf(c claims.Claim, o claims.Outcome, tried bool) claimObject {
	x := claimObject{ID: c.ID, Kind: c.Kind, Statement: c.Statement, Source: c.Source, Scenario: c.Scenario, Registered: c.Registered(), Verdict: untried}
	if tried {
		x.Verdict, x.Why, x.Quick, x.Seeds, x.Hash = o.Verdict, o.Why, o.Quick, o.Seeds, o.Hash
		x.Difference, x.Interval, x.Seconds, x.ReadySec, x.Tuning = o.Difference, o.Interval, o.Seconds, o.ReadySec, o.TuningCost()
	}
	return x
}

func newClaimsList() *cobra.Command {
	var form string
	c := &cobra.Command{
		Use:   "list",
		Short: "list the claims with their verdicts",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			var out []listedClaim
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(w, "id\tkind\tverdict\tseeds\tscenario\tstatement") // Flush tells of errors
			for _, x := range claims.All() {
				o, tried := x.Seen()
				if !tried {
					o = claims.Outcome{Verdict: untried}
				}
				out = append(out, listedClaim{x.ID, o.Verdict, x.Source, x.Scenario, o.Seeds, o.Difference, o.Interval, o.Hash})
				_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\n", x.ID, x.Kind, o.Verdict, len(o.Seeds), cmp.Or(x.Scenario, "–"), x.Statement)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), out)
			}
			return w.Flush()
		},
	}
	outputFlag(c, &form)
	return c
}

func newClaimsShow() *cobra.Command {
	var form string
	c := &cobra.Command{
		Use:   "show ID",
		Short: "show one claim: how it is decided, and what was seen",
		Args:  exactly(1, "ID"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			x, err := claims.Lookup(args[0])
			if err != nil {
				return misuse("%v", err)
			}
			o, tried := x.Seen()
			if asJSON {
				return writeJSON(c.OutOrStdout(), claimObjectOf(x, o, tried))
			}
			if !tried {
				o = claims.Outcome{Verdict: untried}
			}
			return writeClaim(c, x, o)
		},
	}
	outputFlag(c, &form)
	return c
}

// writeClaim prints a claim and an outcome for people.
func writeClaim(c *cobra.Command, x claims.Claim, o claims.Outcome) error {
	out, b := c.OutOrStdout(), bold(c.OutOrStdout())
	if _, err := fmt.Fprintf(out, "%s  %s\n\n", b(x.ID), x.Statement); err != nil {
		return err
	}
	for _, line := range claims.Lines(x, o) {
		if _, err := fmt.Fprintf(out, "%-10s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	for _, t := range claims.Tables(o) {
		if _, err := fmt.Fprintln(out); err != nil {
			return err
		}
		if err := (results.Table{Heads: t.Heads, Rows: t.Rows, Left: 1}).Write(out, b); err != nil {
			return err
		}
	}
	if x.Finding != "" {
		_, err := fmt.Fprintf(out, "\n%s\n", strings.TrimSpace(x.Finding))
		return err
	}
	return nil
}
