package routing

import (
	"context"

	"github.com/loramesh/loramesh/plugins/method"
)

// apart is a method that trains an adapter for each task by itself and answers by some sum of
// them.
type apart struct {
	card method.Card
	// lesson is what participants do; nil: the plain task, on the base alone.
	lesson func(method.PlanRequest, memory) lesson
	// deploy is what answers users after a task.
	deploy func(method.FoldRequest, memory) (method.Model, error)
}

func (m apart) Describe() method.Card { return m.card }

// Check refuses too few rounds, and modules that no base has.
func (m apart) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	return check(s, s.Params.Int("rounds_each")), nil
}

func (m apart) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	now, err := recall(r.Scene)
	if err != nil {
		return method.PlanResponse{}, err
	}
	if now.Done >= r.Params.Int("rounds_each") {
		return finished(r.Scene)
	}
	x := lesson{on: r.Start}
	if m.lesson != nil {
		x = m.lesson(r, now)
	}
	x.fresh = true
	ask, err := now.ask(r, x)
	if err != nil {
		return method.PlanResponse{}, err
	}
	return planned(now, ask)
}

func (m apart) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	now, err := recall(r.Scene)
	if err != nil {
		return out, err
	}
	if out.Values, out.Flops, err = now.join(r); err != nil {
		return out, err
	}
	now.Done++
	if now.Done == r.Params.Int("rounds_each") {
		if err := now.register(r.Stage, expert{LoRA: now.Now}); err != nil {
			return out, err
		}
		now.Now = ""
		model, err := m.deploy(r, now)
		if err != nil {
			return out, err
		}
		out.Deploy = &model
	}
	out.State, err = now.state()
	return out, err
}
