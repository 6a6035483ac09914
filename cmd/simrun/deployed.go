package main

import (
	"context"
	"sync"

	"github.com/loramesh/loramesh/plugins/method"
)

// deployed remembers what a trial's chain of methods deployed last: after the end, what
// would answer a user.
type deployed struct {
	mu    sync.Mutex
	model *method.Model
}

func (d *deployed) see(m *method.Model) {
	if m == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.model = m
}

// last is nil where nothing was ever deployed: users are answered by the base.
func (d *deployed) last() *method.Model {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.model
}

// overheard is a method whose deployments are noted on their way to the coordinator.
type overheard struct {
	method.Method
	note *deployed
}

// overhear puts a listener before each method of a chain. What a method can do beyond the
// three functions it still can.
func overhear(chain []method.Method, d *deployed) []method.Method {
	out := make([]method.Method, len(chain))
	for i, m := range chain {
		heard := overheard{m, d}
		out[i] = heard
		if checker, ok := m.(method.MethodWithCheck); ok {
			out[i] = overheardWithCheck{heard, checker}
		}
	}
	return out
}

// Plan passes the call on and notes what is deployed.
func (o overheard) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := o.Method.Plan(ctx, r)
	if err == nil {
		o.note.see(out.Deploy)
	}
	return out, err
}

// Fold passes the call on and notes what is deployed.
func (o overheard) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	out, err := o.Method.Fold(ctx, r)
	if err == nil {
		o.note.see(out.Deploy)
	}
	return out, err
}

// overheardWithCheck is one that refuses some scenarios.
type overheardWithCheck struct {
	overheard
	checker method.MethodWithCheck
}

// Check passes the call on.
func (o overheardWithCheck) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	return o.checker.Check(ctx, s)
}
