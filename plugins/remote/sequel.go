package remote

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// sequel is a plan that a plugin thinks about since it answered a fold. What it asks meanwhile is
// answered when somebody wants the plan, and what it puts is kept only then: a plan that nobody asks
// for leaves nothing behind.
type sequel struct {
	client *client
	proc   *process
	line   *line
	next   method.PlanRequest // as the plugin has it
}

var _ method.MethodWithSequel = (*client)(nil)

// FoldWithSequel folds, and has the plugin go on with the plan that follows, if it can.
func (c *client) FoldWithSequel(ctx context.Context, r method.FoldRequest, next method.PlanRequest) (method.FoldResponse, method.Sequel, error) {
	next.State = method.State{}
	host := newHost(r.Blobs, r.Reports)
	host.sequel = func() (frame, error) { return methodpb.MarshalSequel(c.card.Name, next) }
	out, err := c.fold(ctx, r, host)
	if host.left == nil {
		return out, nil, err
	}
	next.State = out.State
	s := &sequel{client: c, proc: host.by, line: host.left, next: next}
	if err != nil {
		s.Drop()
		return out, nil, err
	}
	return out, s, nil
}

// Plan is what the plugin made of it.
func (s *sequel) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	if !foreseen(s.next, r) {
		s.Drop()
		return s.client.Plan(ctx, r)
	}
	host := newHost(r.Blobs, nil)
	host.begun = s.line
	done, err := s.client.once(ctx, s.proc, "plan", host, func() (frame, error) { return nil, nil })
	switch {
	case errors.Is(err, errDied):
		return s.client.plan(ctx, r, s.proc)
	case err != nil:
		return method.PlanResponse{}, err
	}
	return s.client.planned(r, host, done)
}

// Drop ends it.
func (s *sequel) Drop() { s.line.hangUp() }

// foreseen says whether a plan is asked for with what was said beforehand.
func foreseen(next, r method.PlanRequest) bool {
	if !slices.EqualFunc(next.Offered, r.Offered, alike) {
		return false
	}
	next.Offered, next.Blobs, r.Offered, r.Blobs = nil, nil, nil, nil
	return reflect.DeepEqual(next, r)
}

func alike(a, b method.Participant) bool {
	return a.ID == b.ID && a.Role == b.Role && a.Examples == b.Examples && a.Rank == b.Rank && a.Tier == b.Tier &&
		slices.Equal(a.Kept, b.Kept) && bytes.Equal(a.Note, b.Note)
}
