package main

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// fromHere is what the ledger calls a method that came with simrun.
const fromHere = "builtin"

// shelf knows where methods come from: those that came with simrun, served by a process of
// their own or called in this one, and those of other people's plugins. Built-in methods
// come first; a plugin cannot take the name of one.
type shelf struct {
	given     []string          // those of paths that the user named
	paths     []string          // folders to look for plugins in
	pins      map[string]string // SHA-256 of the programs that may be started, by name; none: all
	inProcess bool
	patience  time.Duration // with one call
	log       *slog.Logger

	found   []found
	scanned bool
	mu      sync.Mutex
	open    map[string]*remote.Plugin // by set or path; under mu
}

// newShelf looks for plugins in the folders given, those of $SIMRUN_PLUGIN_PATH, and the one
// that simrun lies in, in this order.
func newShelf(given []string, inProcess bool, patience time.Duration, log *slog.Logger) *shelf {
	paths := slices.Clone(given)
	paths = append(paths, filepath.SplitList(os.Getenv("SIMRUN_PLUGIN_PATH"))...)
	if self, err := os.Executable(); err == nil {
		paths = append(paths, filepath.Dir(self))
	}
	return &shelf{given: given, paths: paths, inProcess: inProcess, patience: patience, log: log, pins: map[string]string{}, open: map[string]*remote.Plugin{}}
}

// again is the shelf as flags, for a command that goes on with what was done by it.
func (s *shelf) again() (flags []string) {
	for _, dir := range s.given {
		flags = append(flags, "--plugin-path "+quote(dir))
	}
	for _, name := range slices.Sorted(maps.Keys(s.pins)) {
		flags = append(flags, "--plugin-pin "+name+"="+s.pins[name])
	}
	return flags
}

// cards returns the cards of all built-in methods, and, where some of the wanted are not
// among them, of the plugins that may have them. Cards of built-in methods start nothing.
func (s *shelf) cards(ctx context.Context, wanted []string) (map[string]method.Card, error) {
	cards := map[string]method.Card{}
	for _, name := range builtin.Names() {
		m, err := builtin.Open(name)
		if err != nil {
			return nil, err
		}
		cards[name] = m.Describe()
	}
	for _, name := range wanted {
		if _, ok := cards[name]; ok {
			continue
		}
		m, _, err := s.foreign(ctx, name)
		if err != nil {
			return nil, err
		}
		if m != nil {
			cards[name] = m.Describe()
		}
	}
	return cards, nil
}

// methods opens the methods of a chain and says where each came from: "builtin", or the
// hash of the program that serves it.
func (s *shelf) methods(ctx context.Context, names []string) (chain []method.Method, from []string, err error) {
	for _, name := range names {
		m, origin, err := s.method(ctx, name)
		if err != nil {
			return nil, nil, err
		}
		chain, from = append(chain, m), append(from, origin)
	}
	return chain, from, nil
}

// opening opens the methods of a chain while the caller does something else; what it returns
// waits for them.
func (s *shelf) opening(ctx context.Context, names []string) func() ([]method.Method, []string, error) {
	var chain []method.Method
	var from []string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		chain, from, err = s.methods(ctx, names)
	}()
	return func() ([]method.Method, []string, error) {
		<-done
		return chain, from, err
	}
}

func (s *shelf) method(ctx context.Context, name string) (method.Method, string, error) {
	if !slices.Contains(builtin.Names(), name) {
		m, origin, err := s.foreign(ctx, name)
		if err == nil && m == nil {
			err = misuse("no method is called %q", name)
		}
		return m, origin, err
	}
	if s.inProcess {
		m, err := builtin.Open(name)
		return m, fromHere, err
	}
	set, err := builtin.SetOf(name)
	if err != nil {
		return nil, "", err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	p, err := s.start(ctx, set, "", self, "plugin", "serve", set)
	if err != nil {
		return nil, "", err
	}
	return pick(p, name), fromHere, nil
}
