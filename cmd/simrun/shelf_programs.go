package main

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// prefix begins the file names of other people's plugins.
const prefix = "simrun-method-"

// found is a plugin's program in one of the folders.
type found struct {
	name string // without the prefix
	path string
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
