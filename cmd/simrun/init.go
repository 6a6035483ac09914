package main

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/scenarios"
)

// starter is the embedded scenario that init writes; it reads starterData beside itself.
const (
	starter     = "federated/starter"
	starterData = "my.jsonl"
)

//go:embed starter.jsonl
var starterFiles embed.FS

func newInit() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "write a scenario to start from, with a few examples to train on",
		Long: `Write a scenario with a comment at every word (default my.yaml), and beside it
` + starterData + `, a few made-up questions with answers, so that "simrun run" works at once. Put your
own examples into that file, or change the scenario to read yours.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 {
				return misuse("usage: %s [FILE]", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			path := "my.yaml"
			if len(args) == 1 {
				path = args[0]
			}
			return initialise(c, path)
		},
	}
}

func initialise(c *cobra.Command, path string) error {
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		return misuse("init %s: a name that ends in .yaml was expected", path)
	}
	text, err := scenarios.Read(starter)
	if err != nil {
		return err
	}
	name := nameOf(path)
	text = []byte(strings.Replace(string(text), "\nname: starter\n", "\nname: "+name+"\n", 1))
	data, err := starterFiles.ReadFile("starter.jsonl")
	if err != nil {
		return err
	}
	if err := writeNew(path, text); err != nil {
		return err
	}
	said := fmt.Sprintf("wrote %s", path)
	examples := filepath.Join(filepath.Dir(path), starterData)
	switch err := writeNew(examples, data); {
	case err == nil:
		said += " and " + examples
	case !errors.As(err, new(inputError)):
		return err
	default:
		said += "; " + examples + " was there already and stays as it is"
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\nrun it with:  simrun run %s\n", said, quote(path))
	return err
}

// writeNew writes a file that must not be there yet, whole or not at all.
func writeNew(path string, content []byte) error {
	if _, err := os.Lstat(path); err == nil {
		return misuse("%s is there already; it is not overwritten", path)
	}
	return results.WriteFile(path, content)
}

// vacant looks whether the file that a flag names, if it names one, can be written anew: before there
// is work whose outcome would be lost.
func vacant(flag, path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Lstat(path); err == nil {
		return misuse("%s %s is there already; it is not overwritten", flag, path)
	}
	info, err := os.Stat(filepath.Dir(path))
	if err != nil || !info.IsDir() {
		return misuse("%s %s: there is no folder %s to write it in", flag, path, filepath.Dir(path))
	}
	return nil
}

// nameOf makes a scenario's name of a file's: lower case, digits, dashes.
func nameOf(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, base), "-")
	if name == "" {
		return "starter"
	}
	return name
}
