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

// unknownFlag finds the word in what is said of a flag that there is not.
var unknownFlag = regexp.MustCompile(`^unknown flag: --(\S+)$`)

// flagHint is the flag of a command that was likely meant by one that it has not; "": none.
func flagHint(c *cobra.Command, err error) string {
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
