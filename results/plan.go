package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/plugins/blob"
)

// Plan is what a run set out to do, as it lies in plan.json: written before the first
// trial, never changed after.
type Plan struct {
	Name     string      `json:"name"`     // of the scenario
	Question string      `json:"question"` // that the report answers
	Hash     string      `json:"hash"`     // of the plan
	Trials   []PlanTrial `json:"trials"`
	Command  string      `json:"command,omitempty"`  // that asked for the run
	WorkDir  string      `json:"work_dir,omitempty"` // in which it was given: paths of data begin there
	Keep     string      `json:"keep,omitempty"`     // which checkpoints stay; see [ParseKeep]
	Fork     *Fork       `json:"fork,omitempty"`     // nil: the run began at its beginning
	Scenario string      `json:"scenario,omitempty"` // SHA-256 of scenario.yaml; "": of an older version
}

// Fork says of which run another is the continuation.
type Fork struct {
	Run    string   `json:"run"`    // folder, as it was named
	Round  int      `json:"round"`  // rounds that are its
	Trials []string `json:"trials"` // IDs there, in the order of those here
	Sets   []string `json:"sets"`   // what was changed
}

// PlanTrial is one trial of the plan. Trials of one Arm differ in their seed alone.
type PlanTrial struct {
	ID       string    `json:"id"` // "000": also the name of its ledger
	Name     string    `json:"name"`
	Arm      string    `json:"arm"`
	Method   string    `json:"method"`
	Seed     uint64    `json:"seed"`
	Hash     string    `json:"hash"` // of its resolved scenario
	Settings []Setting `json:"settings"`
}

// Setting is one choice that the trial made among those the scenario varies.
type Setting struct {
	Path  string `json:"path"`
	Value string `json:"value"`
}

// TrialID names trial number i of a run: three digits, more where a run has more trials.
func TrialID(i int) string { return fmt.Sprintf("%03d", i) }

// Trial finds the trial with an ID.
func (p Plan) Trial(id string) (PlanTrial, bool) {
	for _, t := range p.Trials {
		if t.ID == id {
			return t, true
		}
	}
	return PlanTrial{}, false
}

func writePlan(dir string, p Plan) error {
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, planFile), append(b, '\n'))
}

// same insists that the scenario beside the plan is what it was when the run began.
func (p Plan) same(dir string) error {
	path := filepath.Join(dir, scenarioFile)
	hash, err := blob.HashFile(path)
	switch {
	case p.Scenario == "": // nobody knows
		return nil
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: %s is gone; bring it back as it was, or run the scenario anew", ErrMismatch, path)
	case err == nil && hash != p.Scenario:
		return fmt.Errorf("%w: %s is damaged or was changed: its SHA-256 is %.12s… and was %.12s… when the run began; bring it back as it was, or run the scenario anew", ErrMismatch, path, hash, p.Scenario)
	}
	return err
}

// ScenarioText is the scenario of a run in dir as the user wrote it. One that was changed since the
// run began is refused with an error that wraps [ErrMismatch].
func (p Plan) ScenarioText(dir string) ([]byte, error) {
	if err := p.same(dir); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, scenarioFile))
}

func readPlan(dir string) (p Plan, err error) {
	b, err := os.ReadFile(filepath.Join(dir, planFile))
	if err != nil {
		return p, err
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("%w: %s is damaged: %v", ErrMismatch, filepath.Join(dir, planFile), err)
	}
	for i, t := range p.Trials {
		if err := checkID(dir, planFile, i, t.ID); err != nil {
			return p, err
		}
	}
	return p, nil
}

// checkID refuses what is no ID of a trial before anything is looked for under it: a run folder may come
// from others, and files outside of it are none of theirs.
func checkID(dir, file string, i int, id string) error {
	if id != TrialID(i) {
		return fmt.Errorf("%w: %s calls trial %d %q, and its name is %s", ErrMismatch, filepath.Join(dir, file), i, id, TrialID(i))
	}
	return nil
}
