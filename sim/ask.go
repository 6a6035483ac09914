package sim

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Asker calls the methods of one trial, one call at a time.
type Asker struct {
	setup  Setup
	sequel method.Sequel // of the last fold; nil: none
	member int           // whose it is
}

// NewAsker has not called anybody yet.
func NewAsker(s Setup) *Asker { return &Asker{setup: s} }

// Ask carries out an effect that is a call of a method, and returns its answer as the
// input that the coordinator waits for. It panics on any other effect.
func (a *Asker) Ask(ctx context.Context, e coordinator.Effect) (coordinator.Input, error) {
	switch e := e.(type) {
	case coordinator.AskPlan:
		e.Request.Blobs = a.setup.Blobs
		r, err := a.plan(ctx, e)
		return coordinator.Planned{Response: r}, called(a.setup, e.Member, "plan", err)
	case coordinator.AskFold:
		e.Request.Blobs = a.setup.Blobs
		r, err := a.fold(ctx, e)
		return coordinator.Folded{Response: r}, called(a.setup, e.Member, "fold", err)
	}
	panic(fmt.Sprintf("sim: %T asks no method", e))
}

func (a *Asker) plan(ctx context.Context, e coordinator.AskPlan) (method.PlanResponse, error) {
	s := a.sequel
	if s == nil || a.member != e.Member {
		a.Close()
		return a.setup.Methods[e.Member].Plan(ctx, e.Request)
	}
	a.sequel = nil
	return s.Plan(ctx, e.Request)
}

func (a *Asker) fold(ctx context.Context, e coordinator.AskFold) (out method.FoldResponse, err error) {
	a.Close()
	m, can := a.setup.Methods[e.Member].(method.MethodWithSequel)
	if !can || e.Next == nil {
		return a.setup.Methods[e.Member].Fold(ctx, e.Request)
	}
	out, a.sequel, err = m.FoldWithSequel(ctx, e.Request, *e.Next)
	a.member = e.Member
	return out, err
}

// Close lets go of a plan that nobody will ask for.
func (a *Asker) Close() {
	if a.sequel != nil {
		a.sequel.Drop()
		a.sequel = nil
	}
}

func called(s Setup, member int, call string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s of method %q: %w", call, s.World.Trial.Scenario.Method[member].Use, err)
}
