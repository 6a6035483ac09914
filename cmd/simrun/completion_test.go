package main

import (
	"io"
	"slices"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// What no shell can know of: flags that take a text of the user's own.
var ownWords = []string{"base", "base-name", "input", "name", "nats", "older", "only", "pair", "plugin-pin", "ranks", "seeds", "set", "stop", "target-modules",
	"template", "with", "within"}

// Whoever adds a flag that takes text says what a shell may offer for it, or that it is the user's own;
// and a flag that offers words offers at least two, so one that its help no longer names is missed.
func TestFlagsSayWhatTheyTake(t *testing.T) {
	root := newRoot(streams{out: io.Discard, err: io.Discard}, nil)
	seen := map[string]bool{}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if !slices.Contains([]string{"string", "stringSlice", "stringArray"}, f.Value.Type()) || f.Hidden {
				return
			}
			words := wordsOf(f)
			if vocabulary(f.Name) != nil && len(words) < 2 {
				t.Errorf("%s --%s offers %q; its help is %q", c.CommandPath(), f.Name, words, f.Usage)
			}
			perRun := slices.Contains([]string{"against", "metric", "trial"}, f.Name)
			if len(words) == 0 && namedBy(f) == "" && !perRun && !slices.Contains(ownWords, f.Name) {
				t.Errorf("%s --%s offers nothing: say in completion_flags.go what it takes", c.CommandPath(), f.Name)
			}
			seen[f.Name] = true
		})
	}
	walk(root)
	for _, name := range ownWords {
		if !seen[name] {
			t.Errorf("no command has --%s", name)
		}
	}
}
