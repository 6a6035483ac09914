package sim

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/sim/coordinator"
)

// Ask carries out an effect that is a call of a method, and returns its answer as the
// input that the coordinator waits for. It panics on any other effect.
func Ask(ctx context.Context, s Setup, e coordinator.Effect) (coordinator.Input, error) {
	switch e := e.(type) {
	case coordinator.AskPlan:
		e.Request.Blobs = s.Blobs
		r, err := s.Methods[e.Member].Plan(ctx, e.Request)
		return coordinator.Planned{Response: r}, called(s, e.Member, "plan", err)
	case coordinator.AskFold:
		e.Request.Blobs = s.Blobs
		r, err := s.Methods[e.Member].Fold(ctx, e.Request)
		return coordinator.Folded{Response: r}, called(s, e.Member, "fold", err)
	}
	panic(fmt.Sprintf("sim: %T asks no method", e))
}

func called(s Setup, member int, call string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s of method %q: %w", call, s.World.Trial.Scenario.Method[member].Use, err)
}
