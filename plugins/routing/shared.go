package routing

import (
	"context"

	"github.com/loramesh/loramesh/plugins/method"
)

// shared is a method that trains one adapter on, task after task. Its hooks say how it is
// held back or what it is trained on.
type shared struct {
	card method.Card
	// lesson is what participants do; the adapter begins where it ended, unless it is fresh.
	lesson func(method.PlanRequest, memory) lesson
	// after, if not nil, is one more round in a stage, over the adapter as it is now.
	after func(method.PlanRequest, memory) method.Assignment
	// learn takes what that round brought, and says what is worth telling of it.
	learn func(method.FoldRequest, *memory) ([]method.Value, error)
}

func (m shared) Describe() method.Card { return m.card }

// rounds is how many a stage takes.
func (m shared) rounds(p method.Values) int {
	if m.after != nil {
		return p.Int("rounds_each") + 1
	}
	return p.Int("rounds_each")
}

// Check refuses too few rounds, and modules that no base has.
func (m shared) Check(_ context.Context, s method.Scene) ([]method.Problem, error) {
	return check(s, m.rounds(s.Params)), nil
}

func (m shared) Plan(_ context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	now, err := recall(r.Scene)
	if err != nil {
		return method.PlanResponse{}, err
	}
	rounds := r.Params.Int("rounds_each")
	switch {
	case now.Done == rounds && m.after != nil:
		ask := m.after(r, now)
		if ask.To, err = now.settle(r, false); err != nil {
			return method.PlanResponse{}, err
		}
		return planned(now, ask)
	case now.Done >= rounds:
		return finished(r.Scene)
	}
	if now.Done == 0 {
		now.Before = now.Now
	}
	ask, err := now.ask(r, m.lesson(r, now))
	if err != nil {
		return method.PlanResponse{}, err
	}
	return planned(now, ask)
}

func (m shared) Fold(_ context.Context, r method.FoldRequest) (out method.FoldResponse, err error) {
	now, err := recall(r.Scene)
	if err != nil {
		return out, err
	}
	if now.Done == r.Params.Int("rounds_each") {
		out.Values, err = m.learn(r, &now)
	} else if out.Values, out.Flops, err = now.join(r); err == nil && now.Now != "" {
		model := beside(r.Start, trained, now.Now, 1)
		out.Deploy = &model
	}
	if err != nil {
		return out, err
	}
	now.Done++
	out.State, err = now.state()
	return out, err
}
