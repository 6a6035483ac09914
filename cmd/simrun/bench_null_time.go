package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// timed is a method of another process, with a watch on what its calls take.
type timed struct {
	method.Method
	plugin     *remote.Plugin
	plans      int
	folds      int
	plan, fold time.Duration

	last           int   // fold, at which memory is looked at
	own, pluginOwn int64 // bytes that are of no file, after it
	held           int64 // bytes of this process's heap, before it
	looked         time.Duration
}

// peak is the most memory in bytes that the plugin ever had, mapped files included; 0 where the
// system does not say.
func (t *timed) peak() int64 { return statusOf(t.plugin.Pid(), "VmHWM") }

func (t *timed) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return t.waited(func() (method.PlanResponse, error) { return t.Method.Plan(ctx, r) })
}

// waited measures how long a plan is waited for.
func (t *timed) waited(plan func() (method.PlanResponse, error)) (method.PlanResponse, error) {
	began := time.Now()
	out, err := plan()
	t.plan += time.Since(began)
	t.plans++
	return out, err
}

func (t *timed) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	return t.measured(func() (method.FoldResponse, error) { return t.Method.Fold(ctx, r) })
}

func (t *timed) measured(fold func() (method.FoldResponse, error)) (method.FoldResponse, error) {
	if t.folds++; t.folds == t.last {
		began := time.Now()
		t.held = heldBytes()
		t.looked += time.Since(began)
	}
	began := time.Now()
	out, err := fold()
	t.fold += time.Since(began)
	if t.folds == t.last {
		began := time.Now()
		t.own, t.pluginOwn = statusOf(os.Getpid(), "RssAnon"), statusOf(t.plugin.Pid(), "RssAnon")
		t.looked += time.Since(began)
	}
	return out, err
}

// FoldWithSequel has the method go on with the plan that follows, of which what is waited for is
// measured.
func (t *timed) FoldWithSequel(ctx context.Context, r method.FoldRequest, next method.PlanRequest) (out method.FoldResponse, s method.Sequel, err error) {
	out, err = t.measured(func() (out method.FoldResponse, err error) {
		out, s, err = t.Method.(method.MethodWithSequel).FoldWithSequel(ctx, r, next)
		return out, err
	})
	if s != nil {
		s = timedSequel{s, t}
	}
	return out, s, err
}

type timedSequel struct {
	method.Sequel
	of *timed
}

func (s timedSequel) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	return s.of.waited(func() (method.PlanResponse, error) { return s.Sequel.Plan(ctx, r) })
}

// heldBytes is what the heap of this process holds, without garbage. What lies in pools for
// another use goes at the second collection: how much there is of it is chance.
func heldBytes() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// statusOf is a number of bytes that Linux tells of a process under a name; 0 elsewhere.
func statusOf(pid int, name string) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		var kB int64
		if n, _ := fmt.Sscanf(string(line), name+": %d kB", &kB); n == 1 {
			return kB << 10
		}
	}
	return 0
}
