package sim_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
)

// broken is a method that does as another until told otherwise.
type broken struct {
	method.Method
	plan  func(method.PlanRequest) error
	fold  func(*method.FoldResponse) error
	check error
}

func (b broken) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	out, err := b.Method.Plan(ctx, r)
	if b.plan != nil {
		return out, b.plan(r)
	}
	return out, err
}

func (b broken) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	out, err := b.Method.Fold(ctx, r)
	if b.fold != nil {
		return out, b.fold(&out)
	}
	return out, err
}

func (b broken) Check(context.Context, method.Scene) ([]method.Problem, error) { return nil, b.check }

var errBroken = errors.New("the wheels came off")

func TestFaultsCarryTheMethodsName(t *testing.T) {
	for call, b := range map[string]broken{
		"plan":  {plan: func(method.PlanRequest) error { return errBroken }},
		"fold":  {fold: func(*method.FoldResponse) error { return errBroken }},
		"check": {check: errBroken},
	} {
		s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
		b.Method = s.Methods[0]
		s.Methods[0] = b
		err := sim.Run(t.Context(), s)
		if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), call+` of method "flora"`) {
			t.Errorf("%s failed with %v", call, err)
		}
	}
}

func TestNonsenseIsTheMethodsFault(t *testing.T) {
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
	s.Methods[0] = broken{Method: s.Methods[0], fold: func(out *method.FoldResponse) error {
		out.Deploy = &method.Model{Base: "elsewhere"}
		return nil
	}}
	if err := sim.Run(t.Context(), s); !errors.Is(err, coordinator.ErrMethod) || !strings.Contains(err.Error(), `"flora"`) {
		t.Errorf("a model on a base that is not there: %v", err)
	}
}

func TestMethodsProblemsHaveAPlace(t *testing.T) {
	s, text := simtest.Setup(t, simtest.World(t, simtest.Trial(t, `method.0.with.modules="9.q"`), nil))
	err := sim.Run(t.Context(), s)
	var p scenario.Problem
	if !errors.Is(err, sim.ErrInput) || !errors.As(err, &p) || p.Path != "method.0.with.modules" {
		t.Errorf("modules that are not there: %v", err)
	}
	if text.Len() != 0 {
		t.Errorf("the ledger of a trial that was refused has %q", text)
	}
}

// A method may open the weights of the bases that it is told of.
func TestBasesCanBeOpened(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	s, _ := simtest.Setup(t, w)
	opened := false
	s.Methods[0] = broken{Method: s.Methods[0], plan: func(r method.PlanRequest) error {
		tensors, err := r.Blobs.Open(r.Bases[0].Blob)
		if err != nil {
			return err
		}
		weight, _ := tensors.Get("model.layers.0.self_attn.q_proj.weight")
		want, err := w.Bases[0].Model.Weight("0.q")
		opened = err == nil && slices.Equal(weight.Data, want)
		return err
	}}
	if err := sim.Run(t.Context(), s); err != nil || !opened {
		t.Errorf("the base's weights were opened: %v, %v", opened, err)
	}
}

// countdown is a context that is done when it has been asked so many times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return errBroken
	}
	return nil
}

// However late the end comes, between two steps of any work, it is the cause that returns.
func TestCancelledBetweenSteps(t *testing.T) {
	w := simtest.World(t, simtest.Trial(t), nil)
	all := &countdown{t.Context(), 1 << 30}
	s, text := simtest.Setup(t, w)
	if err := sim.Run(all, s); err != nil {
		t.Fatal(err)
	}
	lines, asked := len(simtest.Lines(t, text)), 1<<30-all.left
	if asked < 40 {
		t.Errorf("the context was asked %d times; the trial has 40 steps and more", asked)
	}
	for left := 0; left < asked; left += 7 {
		s, text := simtest.Setup(t, w)
		if err := sim.Run(&countdown{t.Context(), left}, s); err != errBroken { //nolint:errorlint // bare
			t.Fatalf("ended after %d of %d checks: %v", left, asked, err)
		}
		for l, err := range ledger.Read(text) {
			if err != nil || l.N >= lines-1 {
				t.Fatalf("ended after %d of %d checks: line %d, %v", left, asked, l.N, err)
			}
		}
	}
}

func TestCauseIsReturned(t *testing.T) {
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
	ctx, cancel := context.WithCancelCause(t.Context())
	runs := 0
	s.Watch = func(p sim.Progress) {
		if runs = p.ClientRuns; runs == 3 {
			cancel(errBroken)
		}
	}
	if err := sim.Run(ctx, s); err != errBroken || runs != 3 { //nolint:errorlint // bare
		t.Errorf("cancelled at 3 client-runs, ended at %d with %v", runs, err)
	}
}

func TestAskRefusesWork(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a method was asked to do work")
		}
	}()
	_, _ = sim.NewAsker(sim.Setup{}).Ask(t.Context(), coordinator.DoWork{})
}

func TestSetupOfAnotherChainPanics(t *testing.T) {
	s, _ := simtest.Setup(t, simtest.World(t, simtest.Trial(t), nil))
	s.Plugins = nil
	defer func() {
		if recover() == nil {
			t.Error("a chain of one ran without an origin")
		}
	}()
	_, _ = s.Machine(t.Context())
}
