package methodtest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// ruleSays holds the plain trial against what its card says of it.
func ruleSays(e *exam) error {
	for round, plan := range e.reference.plans {
		for _, a := range plan.Assign {
			fit, ok := a.Recipe.(method.Fit)
			if !ok {
				continue
			}
			for _, p := range fit.Train {
				if why := unsaid(e.card, p); why != "" {
					return fmt.Errorf("assignment %q of round %d %s", a.Name, round, why)
				}
			}
		}
	}
	if why := e.saysOfInits(); why != nil {
		return why
	}
	if e.reference.deploy == nil {
		return nil
	}
	if len(e.reference.deploy.Routers) > 0 && !e.card.Routes {
		return errors.New("a router is deployed, and the card does not say Routes")
	}
	for _, a := range e.reference.deploy.Attach {
		if a.From.Kept && !slices.Contains(e.card.Keeps, a.Name) {
			return fmt.Errorf("each participant is answered with what it keeps as %q, and the card says that it keeps %q", a.Name, e.card.Keeps)
		}
	}
	return nil
}

// unsaid is what the card does not say of a part that is trained, or "".
func unsaid(c method.Card, p method.Part) string {
	switch p := p.(type) {
	case method.Weights:
		if !c.Weights {
			return "trains the weights themselves, and the card does not say Weights"
		}
	case method.LoRA:
		if !slices.Contains(c.Trains, p.Name) {
			return fmt.Sprintf("trains an adapter %q, and the card says that it trains %q", p.Name, c.Trains)
		}
	}
	return ""
}

// saysOfInits holds the card against what the method leaves for others to begin at, and what it
// says to an init that is taken out of the weight.
func (e *exam) saysOfInits() error {
	moves := false
	for _, p := range e.reference.plans {
		moves = moves || slices.ContainsFunc(p.Init, moving)
	}
	for _, f := range e.reference.folds {
		moves = moves || slices.ContainsFunc(f.Init, moving)
	}
	if moves != e.card.Moves {
		return fmt.Errorf("an init that is taken out of the weight is left: %t, and the card says Moves: %t", moves, e.card.Moves)
	}
	if e.card.Alike {
		return nil // the cohort of the exam has unequal ranks
	}
	_, err := e.play(script{rounds: 1, init: []method.InitAt{{Modules: "*", Init: method.Spectral{Pick: "principal"}}}})
	if err != nil && e.card.Still == "" { // the other way round it may be the host that cannot
		return fmt.Errorf("an init that is taken out of the weight is refused, and the card does not say Still: %w", err)
	}
	return nil
}

// moving says whether an init is taken out of the weight.
func moving(i method.InitAt) bool {
	switch init := i.Init.(type) {
	case method.Given:
		return init.Residual
	case method.Spectral, method.Orthonormal:
		return true
	}
	return false
}
