package main

import (
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

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
