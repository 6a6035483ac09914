package main

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/scenarios"
)

// completions adds cobra's "simrun completion SHELL", which refuses what it does not know as
// all other commands do, and has each command complete what its usage says that it takes.
func completions(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() != "completion" {
			completing(c)
			continue
		}
		c.Args, c.RunE = noArgs, func(c *cobra.Command, _ []string) error { return c.Help() }
		for _, shell := range c.Commands() {
			shell.Args = noArgs
		}
	}
}

// completing is for a command and those below it.
func completing(c *cobra.Command) {
	for _, sub := range c.Commands() {
		completing(sub)
	}
	completingFlags(c)
	if c.HasSubCommands() || c.ValidArgsFunction != nil {
		return
	}
	_, usage, _ := strings.Cut(c.Use, " ")
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return completed(wordsAt(usage, len(args)), args, begun)
	}
}

// wordsAt are those that a usage has for a place, one for each of its forms.
func wordsAt(usage string, place int) string {
	var at []string
	for form := range strings.SplitSeq(usage, " | ") {
		words := strings.Fields(strings.ReplaceAll(form, " …", "…"))
		if n := len(words); n > 0 && place >= n && strings.Contains(words[n-1], "…") { // as many as there are
			at = append(at, words[n-1])
		} else if place < n {
			at = append(at, words[place])
		}
	}
	return strings.Join(at, " ")
}

// completed is what may stand where a usage has a word, behind these arguments.
func completed(word string, args []string, begun string) (all []cobra.Completion, how cobra.ShellCompDirective) {
	how = cobra.ShellCompDirectiveNoFileComp
	if names := namesFor(word, args); names != nil {
		all = startingWith(begun, names)
	}
	switch {
	case strings.Contains(word, "SCENARIO"):
		all = embeddedOf(begun)
		if strings.Contains(word, "RUN") {
			all = append(all, runsOf(begun)...)
		}
		all = append(all, under(begun, isScenario)...)
	case strings.Contains(word, "RUN"):
		all = append(append(all, runsOf(begun)...), under(begun, nil)...)
	case strings.Contains(word, "FOLDER"), strings.Contains(word, "DIR"):
		return nil, cobra.ShellCompDirectiveFilterDirs
	case strings.Contains(word, "FILE"):
		return nil, cobra.ShellCompDirectiveDefault
	}
	return all, how | goingOn(all)
}

// goingOn keeps a shell from ending the word where what is offered is a beginning.
func goingOn(all []cobra.Completion) cobra.ShellCompDirective {
	if len(all) == 1 && (strings.HasSuffix(all[0], "/") || strings.HasSuffix(all[0], ":")) {
		return cobra.ShellCompDirectiveNoSpace
	}
	return 0
}

// embeddedOf are the embedded scenarios whose names begin so.
func embeddedOf(begun string) (all []cobra.Completion) {
	for _, e := range scenarios.List() {
		if strings.HasPrefix(e.Name, begun) {
			all = append(all, cobra.CompletionWithDesc(e.Name, e.Question))
		}
	}
	return all
}

// runsOf are the run folders whose names begin so: in the folder that is named, or without one
// in "runs" and here.
func runsOf(begun string) (all []cobra.Completion) {
	roots := []string{"runs", "."}
	if strings.ContainsRune(begun, filepath.Separator) {
		roots = []string{filepath.Dir(begun)}
	}
	for _, root := range roots {
		runs, _, _ := results.List(root) // a shell cannot be told what is wrong with others
		for _, r := range runs {
			if strings.HasPrefix(r.Dir, begun) {
				all = append(all, cobra.CompletionWithDesc(r.Dir, string(r.State)))
			}
		}
	}
	return all
}

// under are the folders whose paths begin so, which may hold what is wanted, and the files that are.
func under(begun string, wanted func(file string) bool) (all []cobra.Completion) {
	dir, name := filepath.Split(begun)
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return nil // there is no such folder: nothing begins so
	}
	for _, e := range entries {
		path := dir + e.Name()
		switch {
		case !strings.HasPrefix(e.Name(), name) || name == "" && strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			all = append(all, path+"/")
		case wanted != nil && wanted(path):
			all = append(all, path)
		}
	}
	return all
}

func isScenario(file string) bool {
	return filepath.Ext(file) == ".yaml" || filepath.Ext(file) == ".yml"
}
