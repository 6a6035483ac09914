package main

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/suggest"
)

// What is said of a flag that there is not, and of a time without a unit, with the word that was given.
var (
	unknownFlag = regexp.MustCompile(`^unknown flag: --(\S+)$`)
	withoutUnit = regexp.MustCompile(`missing unit in duration "(\d+)"$`)
)

// flagHint is what was likely meant by a flag that a command has not, or by its value; "": nobody
// knows.
func flagHint(c *cobra.Command, err error) string {
	if m := withoutUnit.FindStringSubmatch(err.Error()); m != nil {
		return "; as in " + m[1] + "s or " + m[1] + "m"
	}
	m := unknownFlag.FindStringSubmatch(err.Error())
	if m == nil {
		return ""
	}
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	return suggest.DidYouMean("--"+m[1], known)
}

// runsShown is how many runs are named to who names none.
const runsShown = 3

// runHint names the newest runs where runs go, to who has named a folder that is none; "": there are
// none either.
func runHint(err error) string {
	if !errors.Is(err, results.ErrNoRun) {
		return ""
	}
	all, _, err := results.List("runs") // it is no more than a hint
	if err != nil || len(all) == 0 {
		return ""
	}
	var names []string
	for _, e := range all[:min(len(all), runsShown)] {
		names = append(names, e.Dir)
	}
	return "; the newest in runs: " + strings.Join(names, ", ")
}

// adapterHint says where adapters lie, to who has named a run as if it were one; "": it is no run.
func adapterHint(dir string) string {
	if !isRun(dir) {
		return ""
	}
	return "; it is a run, whose adapters lie in " + filepath.Join(dir, "adapters")
}
