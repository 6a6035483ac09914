package main

import (
	"context"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// planner deploys a model that has the round's number as its base, in every second call.
type planner struct{ method.Method }

func (planner) Plan(_ context.Context, r method.PlanRequest) (out method.PlanResponse, err error) {
	if r.Round%2 == 0 {
		out.Deploy = &method.Model{Base: string(rune('0' + r.Round))}
	}
	return out, nil
}

func (planner) Fold(context.Context, method.FoldRequest) (out method.FoldResponse, err error) {
	return out, nil
}

type checking struct{ planner }

func (checking) Check(context.Context, method.Scene) ([]method.Problem, error) {
	return []method.Problem{{Text: "no"}}, nil
}

func TestTheLastDeploymentIsRemembered(t *testing.T) {
	var d deployed
	chain := overhear([]method.Method{planner{}, checking{}}, &d)
	if d.last() != nil {
		t.Error("something was deployed before the first call")
	}
	for round := range 4 {
		for _, m := range chain {
			if _, err := m.Plan(t.Context(), method.PlanRequest{Scene: method.Scene{Round: round}}); err != nil {
				t.Fatal(err)
			}
			if _, err := m.Fold(t.Context(), method.FoldRequest{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m := d.last(); m == nil || m.Base != "2" {
		t.Errorf("got %+v, want the model of round 2", m)
	}
	if _, ok := chain[0].(method.MethodWithCheck); ok {
		t.Error("a method without Check has one now")
	}
	if c, ok := chain[1].(method.MethodWithCheck); !ok {
		t.Error("a method has lost its Check")
	} else if ps, err := c.Check(t.Context(), method.Scene{}); err != nil || len(ps) != 1 {
		t.Errorf("%v, %v", ps, err)
	}
}
