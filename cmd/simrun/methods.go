package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/plan"
)

// methodFlags say where methods come from; commands that need any share them.
type methodFlags struct {
	plugins  string
	paths    []string
	patience time.Duration
}

func (f *methodFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.plugins, "plugins", "process", "process: built-in methods in a process of their own; in-process: called directly")
	c.Flags().StringArrayVar(&f.paths, "plugin-path", nil, "folder to look for plugins in, named "+prefix+"NAME (repeatable)")
	c.Flags().DurationVar(&f.patience, "plugin-timeout", 10*time.Minute, "longest that one call of a plugin may take")
}

// shelf makes the shelf that the flags describe.
func (f *methodFlags) shelf(log *slog.Logger) (*shelf, error) {
	switch {
	case f.plugins != "process" && f.plugins != "in-process":
		return nil, misuse("--plugins %s: process or in-process was expected", f.plugins)
	case f.patience <= 0:
		return nil, misuse("--plugin-timeout %s: more than 0 was expected", f.patience)
	}
	for _, dir := range f.paths {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, misuse("--plugin-path %s: no such folder", dir)
		}
	}
	return newShelf(f.paths, f.plugins == "in-process", f.patience, log), nil
}

// trialsOf finds a scenario and expands it, for commands that run nothing, and has then, if it is
// not nil, look at the trials while their methods are at hand.
func (f *methodFlags) trialsOf(c *cobra.Command, what string, ch changes, then func([]plan.Trial, *shelf) error) (asked, []plan.Trial, error) {
	a, err := find(what, ch)
	if err != nil {
		return a, nil, err
	}
	s, err := f.shelf(slog.New(slog.DiscardHandler))
	if err != nil {
		return a, nil, err
	}
	defer func() { _ = s.close() }()
	trials, err := a.trials(c.Context(), s)
	if err == nil && then != nil {
		err = then(trials, s)
	}
	return a, trials, err
}
