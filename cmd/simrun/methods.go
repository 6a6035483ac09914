package main

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/plan"
)

// methodFlags say where methods come from; commands that need any share them.
type methodFlags struct {
	plugins  string
	paths    []string
	pins     []string
	patience time.Duration
}

func (f *methodFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.plugins, "plugins", "process", "process: built-in methods in a process of their own; in-process: called directly")
	c.Flags().StringArrayVar(&f.paths, "plugin-path", nil, "folder to look for plugins in, named "+prefix+"NAME (repeatable)")
	c.Flags().StringArrayVar(&f.pins, "plugin-pin", nil, "NAME=SHA256 of a plugin's program, as sha256sum prints it; with one, no program is started that is not pinned (repeatable)")
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
	s := newShelf(f.paths, f.plugins == "in-process", f.patience, log)
	return s, f.pin(s)
}

// pin has a shelf start the programs that are pinned, if any are, and no others.
func (f *methodFlags) pin(s *shelf) error {
	for _, p := range f.pins {
		name, hash, _ := strings.Cut(p, "=")
		if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size || name == "" {
			return misuse("--plugin-pin %s: NAME=SHA256 was expected, with 64 hexadecimal digits as sha256sum prints them", p)
		}
		if _, again := s.pins[name]; again {
			return misuse("--plugin-pin %s: %q is pinned twice", p, name)
		}
		if !slices.ContainsFunc(s.plugins(), func(f found) bool { return f.name == name }) {
			return misuse("--plugin-pin %s: no plugin is called %s%s; name its folder by --plugin-path", p, prefix, name)
		}
		s.pins[name] = hash
	}
	return nil
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
