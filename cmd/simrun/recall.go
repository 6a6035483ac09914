package main

import (
	"context"
	"fmt"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
)

// planned makes the trials of a run folder again, from the texts in which every choice and every
// default was written out; methods are not looked at.
func planned(dir string, p results.Plan) ([]plan.Trial, error) {
	texts, err := results.ReadResolved(dir)
	if err != nil {
		return nil, err
	}
	if len(texts) != len(p.Trials) {
		return nil, fmt.Errorf("%w: resolved.yaml has %d trials and plan.json %d", results.ErrMismatch, len(texts), len(p.Trials))
	}
	trials := make([]plan.Trial, len(texts))
	for i, pt := range p.Trials {
		name := fmt.Sprintf("resolved.yaml (trial %s)", pt.ID)
		doc, problems := scenario.Parse(name, texts[i])
		if err := problemsOrNil(problems); err != nil {
			return nil, fmt.Errorf("%w: trial %s was planned by another version:\n%w", results.ErrMismatch, pt.ID, err)
		}
		var settings []scenario.Setting
		for _, x := range pt.Settings {
			settings = append(settings, scenario.Setting{Path: x.Path, Value: x.Value})
		}
		if trials[i], problems = plan.Again(doc, i, pt.Name, pt.Arm, settings); len(problems) > 0 {
			return nil, problemsOrNil(problems)
		}
	}
	return trials, nil
}

// trialsOf makes the trials of a run folder again, and holds their methods against their cards. What
// this binary reads in them must be what the plan says.
func trialsOf(ctx context.Context, dir string, p results.Plan, s *shelf) ([]plan.Trial, error) {
	trials, err := planned(dir, p)
	if err != nil {
		return nil, err
	}
	cards, err := s.cards(ctx, methodsOf(trials))
	if err != nil {
		return nil, err
	}
	trials, problems := plan.CheckMethods(trials, cards)
	if err := problemsOrNil(problems); err != nil {
		return nil, err
	}
	for i, pt := range p.Trials {
		if trials[i].Hash != pt.Hash {
			return nil, fmt.Errorf("%w: the scenario of trial %s has hash %.12s… and was planned with %.12s…: resolved.yaml was changed, or this binary knows other words or defaults",
				results.ErrMismatch, pt.ID, trials[i].Hash, pt.Hash)
		}
	}
	return trials, nil
}
