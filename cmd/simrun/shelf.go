package main

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// prefix begins the file names of other people's plugins.
const prefix = "simrun-method-"

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

// found is a plugin's program in one of the folders.
type found struct {
	name string // without the prefix
	path string
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

// close ends all plugin processes.
func (s *shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.open {
		errs = append(errs, p.Close())
	}
	s.open = map[string]*remote.Plugin{}
	return errors.Join(errs...)
}

// plugins lists the programs found, the first of each name.
func (s *shelf) plugins() []found {
	if s.scanned {
		return s.found
	}
	s.scanned = true
	for _, dir := range s.paths {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // a folder that is not there has no plugins
		}
		for _, e := range entries {
			name, ok := strings.CutPrefix(e.Name(), prefix)
			name = strings.TrimSuffix(name, ".exe")
			if !ok || e.IsDir() || slices.ContainsFunc(s.found, func(f found) bool { return f.name == name }) {
				continue
			}
			path := filepath.Join(dir, e.Name())
			if filepath.Base(path) == path { // of ".": a bare word would be looked for in $PATH
				path = "." + string(filepath.Separator) + path
			}
			s.found = append(s.found, found{name, path})
		}
	}
	return s.found
}

// started lists those that may be started.
func (s *shelf) started() []found {
	if len(s.pins) == 0 {
		return s.plugins()
	}
	return slices.DeleteFunc(slices.Clone(s.plugins()), func(f found) bool { return s.pins[f.name] == "" })
}

// serve starts a program, if it is what was pinned.
func (s *shelf) serve(ctx context.Context, f found) (*remote.Plugin, error) {
	return s.start(ctx, f.path, s.pins[f.name], f.path)
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

// foreign finds a method among other people's plugins: in the program of its name first,
// then in all others. It returns nil if none has it.
func (s *shelf) foreign(ctx context.Context, name string) (method.Method, string, error) {
	programs := slices.Clone(s.started())
	slices.SortStableFunc(programs, func(a, b found) int { return cmp.Compare(unlike(a, name), unlike(b, name)) })
	for _, f := range programs {
		p, err := s.serve(ctx, f)
		if err != nil && f.name == name {
			return nil, "", err
		}
		if err != nil { // somebody else's fault, and the method may be elsewhere
			s.log.Warn("a plugin does not start", "plugin", f.path, "error", err)
			continue
		}
		if m := pick(p, name); m != nil {
			hash, err := remote.HashFile(f.path)
			return m, hash, err
		}
	}
	return nil, "", nil
}

func unlike(f found, name string) int {
	if f.name == name {
		return 0
	}
	return 1
}

// start opens a plugin once for as long as the shelf stands.
func (s *shelf) start(ctx context.Context, key, pin string, command ...string) (*remote.Plugin, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.open[key]; p != nil {
		return p, nil
	}
	p, err := remote.Open(ctx, remote.Options{Command: command, Name: key, SHA256: pin, Env: pluginEnv(), Log: s.log, CallTimeout: s.patience})
	if err != nil {
		return nil, err
	}
	s.open[key] = p
	return p, nil
}

// serving lists the processes of plugins, by name.
func (s *shelf) serving() (out []actors.Serving) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(s.open)) {
		p := s.open[key]
		x := actors.Serving{Plugin: key, PID: p.Pid(), Restarts: p.Restarts()}
		for _, m := range p.Methods() {
			x.Methods = append(x.Methods, m.Describe().Name)
		}
		out = append(out, x)
	}
	return out
}

// pluginEnv is what a plugin gets of our environment: where things are, and no secrets.
func pluginEnv() (env []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "LANG", "GOMAXPROCS", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SystemRoot="+os.Getenv("SystemRoot"))
	}
	return env
}

func pick(p *remote.Plugin, name string) method.Method {
	for _, m := range p.Methods() {
		if m.Describe().Name == name {
			return m
		}
	}
	return nil
}
