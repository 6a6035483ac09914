package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
)

// The README's table of commands has every command that there is, and no other. One that has
// several below it may stand for them.
func TestReadmeHasTheCommands(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Commands\n")
	_, table, _ := strings.Cut(section, "|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var told []string
	for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(table, -1) {
		told = append(told, word[1])
	}
	root := newRoot(streams{out: io.Discard, err: io.Discard}, nil)
	root.InitDefaultHelpCmd()
	var there []string
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		path := strings.TrimPrefix(c.CommandPath(), root.Name()+" ")
		there = append(there, path)
		if c.Hidden || slices.Contains(told, path) && c.HasSubCommands() {
			return
		}
		if !c.HasSubCommands() && !slices.Contains(told, path) && !slices.Contains(told, "help "+path) {
			t.Errorf("the README's table has no `%s`", path)
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	for _, command := range told {
		if !slices.Contains(there, strings.TrimPrefix(command, "help ")) {
			t.Errorf("there is no command `%s`, which the README's table has", command)
		}
	}
}

// every calls see with each command that there is, also below others.
func every(see func(*cobra.Command)) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		see(c)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(streams{out: io.Discard, err: io.Discard}, nil))
}

// Each flag is explained, and names one default at most: that of the text, or that which is printed
// behind it.
func TestFlagsAreExplained(t *testing.T) {
	bare := regexp.MustCompile(`^\s+(-\w, )?--[\w-]+( \w+)?\s*$`)
	every(func(c *cobra.Command) {
		for _, line := range strings.Split(c.LocalFlags().FlagUsages(), "\n") {
			if bare.MatchString(line) || strings.Count(line, "default") > 1 {
				t.Errorf("%s has a flag that is not explained, or of two defaults:\n%s", c.CommandPath(), line)
			}
		}
	})
}

// The run of quickstart that examples go on with is called what such a run is called.
func TestExamplesNameTheRunOfQuickstart(t *testing.T) {
	asked, err := find("quickstart", changes{})
	if err != nil {
		t.Fatal(err)
	}
	trials, err := asked.trials(t.Context(), newShelf(nil, true, time.Minute, nil))
	if err != nil {
		t.Fatal(err)
	}
	want := results.DefaultDir("runs", planOf(trials))
	every(func(c *cobra.Command) {
		for _, name := range regexp.MustCompile(`runs/quickstart-\w+`).FindAllString(c.Example, -1) {
			if name != want {
				t.Errorf("the example of %s names %s; quickstart's run is %s", c.CommandPath(), name, want)
			}
		}
	})
}
