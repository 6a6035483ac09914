package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
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
