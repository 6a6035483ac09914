package remotetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
)

// Gate is a folder in which tests say where a run is to stand still: a file in it holds up a call of
// a method, by its round, in whatever process that is. A run that stands there can be asked,
// joined, left, stopped and killed, however fast the machine is; nothing in it knows that it is tried.
//
// A call that came to a gate leaves a second file, by which a test sees it there. One that is
// killed is asked again, and comes to the same gate.
type Gate string

// hereSuffix ends the name of the file that says that a call has come to a gate.
const hereSuffix = ".here"

func (g Gate) file(call string, round int) string {
	return filepath.Join(string(g), fmt.Sprintf("%s-%d", call, round))
}

// Open makes the folder, so that methods are held up at all: before the process that serves them begins.
func (g Gate) Open() error { return os.MkdirAll(string(g), 0o700) }

// There says whether there is such a folder.
func (g Gate) There() bool {
	info, err := os.Stat(string(g))
	return err == nil && info.IsDir()
}

// Hold holds up a "plan" or a "fold" of a round, counted from 0 over all stages of a trial.
func (g Gate) Hold(call string, round int) error {
	if call != "plan" && call != "fold" {
		return fmt.Errorf("a gate for %q: plan or fold was expected", call)
	}
	if err := g.Open(); err != nil {
		return err
	}
	return os.WriteFile(g.file(call, round), nil, 0o600)
}

// Held says whether a call stands there, or stood.
func (g Gate) Held(call string, round int) bool {
	_, err := os.Stat(g.file(call, round) + hereSuffix)
	return err == nil
}

// Release lets it go on.
func (g Gate) Release(call string, round int) error { return os.Remove(g.file(call, round)) }

// wait holds up a call for as long as its file is there.
func (g Gate) wait(ctx context.Context, call string, round int) error {
	file := g.file(call, round)
	for come := false; ; come = true {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		if !come {
			if err := os.WriteFile(file+hereSuffix, nil, 0o600); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// Around are methods as they were, but that the gate holds them up.
func (g Gate) Around(set []method.Method) []method.Method {
	out := make([]method.Method, len(set))
	for i, m := range set {
		out[i] = gated{m, g}
		if c, ok := m.(method.MethodWithCheck); ok {
			out[i] = gatedWithCheck{gated{m, g}, c}
		}
	}
	return out
}

// gated is a method behind a gate.
type gated struct {
	method.Method
	gate Gate
}

func (m gated) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	if err := m.gate.wait(ctx, "plan", r.Round); err != nil {
		return method.PlanResponse{}, err
	}
	return m.Method.Plan(ctx, r)
}

func (m gated) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	if err := m.gate.wait(ctx, "fold", r.Round); err != nil {
		return method.FoldResponse{}, err
	}
	return m.Method.Fold(ctx, r)
}

// gatedWithCheck is one that refuses scenarios, too.
type gatedWithCheck struct {
	gated
	check method.MethodWithCheck
}

func (m gatedWithCheck) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	return m.check.Check(ctx, s)
}
