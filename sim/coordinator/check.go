package coordinator

import (
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// ErrMethod is wrapped by every error that a method's answer is to blame for.
var ErrMethod = errors.New("the method's answer cannot be carried out")

func blame(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMethod, fmt.Sprintf(format, args...))
}

// checkPlan finds what is wrong with a plan before any of it is done: nonsense first, then
// what has a meaning but is not carried out by this version. Nothing is ever ignored.
func (m *Machine) checkPlan(req method.PlanRequest, r method.PlanResponse) error {
	if err := method.ValidatePlan(req, r, m.blobs.Has); err != nil {
		return blame("%v", err)
	}
	if r.Deploy != nil {
		if err := carriesModel(*r.Deploy); err != nil {
			return fmt.Errorf("deploy: %w", err)
		}
	}
	if len(r.Assign) > 0 && r.Finished {
		return blame("it asks for %d assignments and says that it is finished: finish in the plan after", len(r.Assign))
	}
	for _, a := range r.Assign {
		if err := m.carries(a); err != nil {
			return fmt.Errorf("assignment %q: %w", a.Name, err)
		}
	}
	return nil
}

func (m *Machine) checkFold(req method.FoldRequest, r method.FoldResponse) error {
	if err := method.ValidateFold(req, r, m.blobs.Has); err != nil {
		return blame("%v", err)
	}
	if r.Deploy == nil {
		return nil
	}
	if err := carriesModel(*r.Deploy); err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	return nil
}

// carries refuses, by name, what this version does not carry out in an assignment.
func (m *Machine) carries(a method.Assignment) error {
	if len(a.Keep) > 0 {
		return blame("`Keep` is not carried out by this version: participants keep nothing between rounds")
	}
	for _, id := range a.To {
		if !slices.ContainsFunc(m.open.offered, func(p method.Participant) bool { return p.ID == id }) {
			return blame("it is addressed to %s, who is not offered in this round", id)
		}
	}
	switch r := a.Recipe.(type) {
	case method.Fit:
		if err := carriesModel(r.Model); err != nil {
			return err
		}
	case method.Score:
		if err := carriesModel(r.Model); err != nil {
			return err
		}
	}
	if err := m.fixed.Carries(a); err != nil {
		return blame("%v", err)
	}
	return nil
}

func carriesModel(x method.Model) error {
	for _, a := range x.Attach {
		switch {
		case a.From.Kept:
			return blame("attachment %q is what a participant keeps; that is not carried out by this version", a.Name)
		case a.From.Blob == "":
			return blame("attachment %q comes from nowhere: its From names no blob", a.Name)
		case a.Gate != nil:
			return blame("attachment %q has a gate (%s); gates are not carried out by this version", a.Name, method.Name(a.Gate))
		}
	}
	switch {
	case len(x.Routers) > 0:
		return blame("it has routers; they are not carried out by this version")
	case x.Prompt != method.Prompt{}:
		return blame("it has a prompt of its own; only the data set's template is carried out by this version")
	}
	return nil
}
