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
	if err := m.carriesDeploy(r.Deploy); err != nil {
		return err
	}
	if len(r.Assign) > 0 && r.Finished {
		return blame("it asks for %d assignments and says that it is finished: finish in the plan after", len(r.Assign))
	}
	for _, a := range r.Assign {
		if err := m.carries(a); err != nil {
			return fmt.Errorf("assignment %q: %w", a.Name, err)
		}
		if err := m.begins(a.Recipe); err != nil {
			return fmt.Errorf("assignment %q: %w", a.Name, err)
		}
	}
	return nil
}

func (m *Machine) checkFold(req method.FoldRequest, r method.FoldResponse) error {
	if err := method.ValidateFold(req, r, m.blobs.Has); err != nil {
		return blame("%v", err)
	}
	for _, v := range r.Values {
		if !isWeight(v.Weight) {
			return blame("value %q has weight %g; a finite number of at least 0 is expected", v.Name, v.Weight)
		}
	}
	for _, n := range r.Notes {
		if !m.exists(n.About) {
			return blame("it notes something about %s, and there is no such participant", n.About)
		}
	}
	if len(r.Exports) > 0 {
		return blame("it exports %q; exports of a method are not carried out by this version: the model that is deployed at the end is exported", r.Exports[0].Name)
	}
	return m.carriesDeploy(r.Deploy)
}

// carries refuses, by name, what this version does not carry out in an assignment.
func (m *Machine) carries(a method.Assignment) error {
	for _, id := range a.To {
		if !m.open.offers(id) {
			return blame("it is addressed to %s, who is not offered in this round", id)
		}
	}
	if len(m.addressed(a)) == 0 && len(m.air.all) == 0 {
		return fmt.Errorf("it is for everyone offered, and the sweep has offered everyone already: give the method `rounds: %d`", m.place.local)
	}
	if model, has := ModelOf(a.Recipe); has {
		if err := m.carriesModel(model); err != nil {
			return err
		}
	}
	return m.trainer(a)
}

// trainer asks whether the trainer can carry an assignment out.
func (m *Machine) trainer(a method.Assignment) error {
	if err := m.fixed.Carries(a); err != nil {
		return blame("%v", err)
	}
	return nil
}

// carriesDeploy refuses what cannot be evaluated once, for everybody.
func (m *Machine) carriesDeploy(x *method.Model) error {
	if x == nil {
		return nil
	}
	if err := m.carriesModel(*x); err != nil {
		return fmt.Errorf("deploy: %w", err)
	}
	for _, a := range x.Attach {
		if a.Rank == method.OwnRank {
			return fmt.Errorf("deploy: %w", blame("attachment %q is cut to the participant's own rank; in this version one model is deployed for all", a.Name))
		}
	}
	return nil
}

func (m *Machine) carriesModel(x method.Model) error {
	if !m.hasBase(x.Base) {
		return blame("its base is the blob %.12s…; only bases of the scenario are carried out by this version", x.Base)
	}
	for _, a := range x.Attach {
		switch g := a.Gate.(type) {
		case nil:
		case method.Sigmoid:
			if err := m.openable(g.Key, x.Base); err != nil {
				return blame("the gate of attachment %q: %v", a.Name, err)
			}
		default:
			return blame("attachment %q has a gate (%s); of gates only sigmoids are carried out by this version", a.Name, method.Name(a.Gate))
		}
		if a.From.Blob == "" {
			continue // of what is kept, which the trainer looks at
		}
		if err := m.attachable(a.From.Blob, x.Base); err != nil {
			return blame("attachment %q: %v", a.Name, err)
		}
	}
	for i, r := range x.Routers {
		if r.By == method.Nearest || r.By == method.Judged {
			if err := m.seeks(r, x.Base); err != nil {
				return blame("router %d: %v", i, err)
			}
			continue
		}
		for j, e := range r.Over {
			if err := m.openable(e.Key, x.Base); err != nil {
				return blame("expert %d of router %d: %v", j, i, err)
			}
		}
	}
	switch {
	case x.Prompt != method.Prompt{}:
		return blame("it has a prompt of its own; only the data set's template is carried out by this version")
	case x.Decode != method.Decode{}:
		return blame("it says how to decode; no text is drawn by this version")
	}
	return nil
}

func (m *Machine) hasBase(name string) bool {
	return slices.ContainsFunc(m.fixed.Bases, func(b method.Base) bool { return b.Name == name })
}
