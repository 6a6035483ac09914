package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
)

// claimFlags say how claims are tried.
type claimFlags struct {
	howFlags
	quick   bool
	all     bool
	anew    bool
	sets    []string
	inputs  []string
	out     string
	record  string
	command []string
}

func newClaimsRun(args []string) *cobra.Command {
	f := &claimFlags{command: args}
	c := &cobra.Command{
		Use:   "run ID … | --all",
		Short: "decide claims again: those named, or all",
		Long: `Decide claims again. An identity is checked, a curve is drawn; of a comparison every
arm is tuned on the same grid by validation rows, then run at its best over the seeds
that were registered. With --quick there is no tuning and there are few seeds, and
no more is said than which direction was seen.

Bases and what tuning came to are kept in the cache, so that they are made once; what
they took is told apart. Runs go to a folder, as those of "simrun run" do. A claim that
was interrupted goes on where it was when it is run again, and a run that is whole is
read; --anew runs it again, tuning included.

What --set lays over a claim's scenario is written beside its verdict. With --record
what came of it is kept for "simrun claims list" and the page of "simrun claims docs",
once the program is built again.`,
		Example: "  simrun claims run F1 F2\n  simrun claims run F6 --input stories260k=DIR --input dolly=DIR\n  simrun claims run --all --quick --input …",
		RunE:    func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	f.howFlags.flags(c)
	c.Flags().StringVarP(&f.output, "output", "o", "table", "table or json (a list)")
	c.Flags().BoolVar(&f.quick, "quick", false, "no tuning and few seeds: a direction, within minutes")
	c.Flags().BoolVar(&f.all, "all", false, "every claim")
	c.Flags().BoolVar(&f.anew, "anew", false, "run again what lies whole in the folder, and tune again what the cache has")
	c.Flags().StringArrayVar(&f.inputs, "input", nil, "a folder that claims need, as in stories260k=DIR; \"simrun claims show ID\" tells which (repeatable)")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "lay a value over the claims' scenarios, as --set of \"simrun run\" does (repeatable)")
	c.Flags().StringVar(&f.out, "out", filepath.Join("runs", "claims"), "folder of the runs")
	c.Flags().StringVar(&f.record, "record", "", "write each outcome into this folder as ID.json")
	return c
}

func (f *claimFlags) run(c *cobra.Command, ids []string) error {
	asJSON, err := wantsJSON(f.output)
	if err != nil {
		return err
	}
	var chosen []claims.Claim
	for _, id := range ids {
		x, err := claims.Lookup(id)
		if err != nil {
			return misuse("%v", err)
		}
		chosen = append(chosen, x)
	}
	switch {
	case f.all == (len(ids) > 0):
		return misuse("usage: %s: IDs were expected, or --all", c.UseLine())
	case f.all:
		chosen = claims.All()
	}
	inputs, err := f.inputsOf(chosen)
	if err != nil {
		return err
	}
	var objects []claimObject
	for _, x := range chosen {
		o, err := f.try(c, x, inputs)
		if err != nil {
			return fmt.Errorf("claim %s: %w", x.ID, err)
		}
		objects = append(objects, claimObjectOf(x, o, true))
		if asJSON {
			continue
		}
		if err := writeClaim(c, x, o); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(c.OutOrStdout()); err != nil {
			return err
		}
	}
	if asJSON {
		return writeJSON(c.OutOrStdout(), objects)
	}
	return nil
}

// try decides one claim and keeps what was seen.
func (f *claimFlags) try(c *cobra.Command, x claims.Claim, inputs map[string]string) (o claims.Outcome, err error) {
	dir, err := cacheDir()
	if err != nil {
		return o, err
	}
	cache := diskCache{dir}
	ask := claims.How{Sets: f.sets, Quick: f.quick, Memory: cache}
	if f.anew {
		ask.Memory = forgetful{cache}
	}
	how := f.howFlags
	how.output = "table" // of a run, which nobody prints
	err = how.with(c, inputFiles{newFiles(), inputs}, func(ctx context.Context, p *performance) error {
		o, err = x.Try(ctx, lab{f, p}, ask)
		return err
	})
	o.Simrun = versionText()
	if err != nil || f.record == "" {
		return o, err
	}
	text, err := o.Encode()
	if err != nil {
		return o, err
	}
	if err := os.MkdirAll(f.record, 0o777); err != nil {
		return o, err
	}
	return o, results.WriteFile(filepath.Join(f.record, x.ID+".json"), text)
}

// forgetful keeps what it is given and recalls nothing.
type forgetful struct{ diskCache }

func (forgetful) Load(string) ([]byte, bool, error) { return nil, false, nil }

// idsOf names claims in a sentence.
func idsOf(all []claims.Claim) string {
	ids := make([]string, len(all))
	for i, x := range all {
		ids[i] = x.ID
	}
	return strings.Join(ids, ", ")
}
