package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

// stillWritten is how young an unfinished entry may be for its writer to be at work yet.
const stillWritten = time.Hour

func newCacheClean() *cobra.Command {
	var older string
	var dry bool
	c := &cobra.Command{
		Use:   "clean",
		Short: "remove what the cache holds",
		Long: `Remove entries of the cache: all, or with --older those that were made longer ago.
Files that are no entries stay. A run that has begun is not disturbed.`,
		Example: "  simrun cache clean --older 30d --dry-run",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			age := time.Duration(0)
			if c.Flags().Changed("older") {
				var err error
				if age, err = parseAge(older); err != nil {
					return err
				}
			}
			return cleanCache(c, age, dry)
		},
	}
	c.Flags().StringVar(&older, "older", "", "only what is older, as in 30d, 12h or 90m")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	return c
}

func cleanCache(c *cobra.Command, age time.Duration, dry bool) error {
	cache, entries, err := cacheEntries()
	if err != nil {
		return err
	}
	did, n, freed := "removed", 0, int64(0)
	if dry {
		did = "would remove"
	}
	for _, e := range entries {
		old := time.Since(e.made)
		if old < age || e.part && old < stillWritten {
			continue
		}
		if !dry {
			if err := os.Remove(filepath.Join(cache.dir, e.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		n, freed = n+1, freed+e.size
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s %s of %d in %s, %s\n", did, entryCount(n), len(entries), cache.dir, results.Bytes(float64(freed)))
	return err
}

// parseAge reads a duration that may be in days.
func parseAge(s string) (time.Duration, error) {
	wrong := misuse("--older %s: an age was expected, as in 30d, 12h or 90m", quote(s))
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || !(n >= 0 && n < 1e5) {
			return 0, wrong
		}
		return time.Duration(n * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, wrong
	}
	return d, nil
}
