package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
)

func newCache() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "what is kept between runs: bases, and what claims were tuned to",
		Long: `Bases that scenarios pre-train, and what the tuning of claims came to, are kept in
$SIMRUN_CACHE, or simrun in the user's cache folder, so that they are made once.
Whatever is taken away is made again when it is needed.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newCacheLs(), newCacheClean())
	return c
}

func newCacheLs() *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "list what the cache holds",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cache, entries, err := cacheEntries()
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			total := int64(0)
			if len(entries) > 0 {
				_, _ = fmt.Fprintln(w, "entry\tsize\tmade\tholds") // Flush tells of errors
			}
			for _, e := range entries {
				total += e.size
				_, _ = fmt.Fprintf(w, "%.12s\t%s\t%s\t%s\n", e.name, results.Bytes(float64(e.size)), e.made.Format(time.DateTime), cache.holds(e))
			}
			if err := w.Flush(); err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s in %s, %s\n", entryCount(len(entries)), cache.dir, results.Bytes(float64(total)))
			return err
		},
	}
}

// cacheEntry is one file of the cache.
type cacheEntry struct {
	name string
	size int64
	made time.Time
	part bool // of an entry whose writer was killed
}

// The names that [diskCache] gives to entries, and to files on their way to become one. No
// file of another name is ever touched.
var (
	entryName = regexp.MustCompile(`^[0-9a-f]{32}$`)
	partName  = regexp.MustCompile(`^\.[0-9a-f]{32}\.[0-9]+$`)
)

// cacheEntries lists the entries of the user's cache by age, oldest first. A folder that is
// not there yet has none.
func cacheEntries() (diskCache, []cacheEntry, error) {
	dir, err := cacheDir()
	if err != nil {
		return diskCache{}, nil, err
	}
	c := diskCache{dir}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil, nil
	}
	if err != nil {
		return c, nil, err
	}
	var entries []cacheEntry
	for _, f := range files {
		part := partName.MatchString(f.Name())
		if !f.Type().IsRegular() || !part && !entryName.MatchString(f.Name()) {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // another process was faster
		}
		if err != nil {
			return c, nil, err
		}
		entries = append(entries, cacheEntry{f.Name(), info.Size(), info.ModTime(), part})
	}
	slices.SortStableFunc(entries, func(a, b cacheEntry) int { return a.made.Compare(b.made) })
	return c, entries, nil
}

// holds says in words what an entry is, or that it is damaged and will be made again.
func (c diskCache) holds(e cacheEntry) string {
	if e.part {
		return "the rest of an entry that was not finished"
	}
	content, whole, err := readEntry(filepath.Join(c.dir, e.name))
	if err != nil || !whole {
		return "damaged: it will be made again"
	}
	if words, ok := claims.KeptTuning(content); ok {
		return words
	}
	file, err := safetensors.Parse(content)
	if err != nil {
		return "damaged: it will be made again"
	}
	var shape struct {
		Type   string `json:"model_type"`
		Width  int    `json:"hidden_size"`
		Layers int    `json:"num_hidden_layers"`
		Vocab  int    `json:"vocab_size"`
	}
	if json.Unmarshal([]byte(file.Meta["config"]), &shape) != nil || shape.Type == "" {
		return "a base of " + count(len(file.Tensors), "tensor")
	}
	return fmt.Sprintf("base %.12s: %s, d %d, %s, vocabulary %d", file.Meta["blob"], shape.Type, shape.Width, count(shape.Layers, "layer"), shape.Vocab)
}

// entryCount is "no entries", "1 entry" or "3 entries".
func entryCount(n int) string {
	switch n {
	case 0:
		return "no entries"
	case 1:
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}
