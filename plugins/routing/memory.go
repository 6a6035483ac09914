package routing

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// memory is what the methods write into State.Bytes.
type memory struct {
	Begun   bool          `json:"begun"`
	Stage   int           `json:"stage"`             // at work
	Done    int           `json:"done"`              // rounds of it that lie behind
	Rank    int           `json:"rank,omitempty"`    // of the task's adapter
	Now     method.Blob   `json:"now,omitempty"`     // the adapter at work
	Stacks  []method.Blob `json:"stacks,omitempty"`  // of the task's rounds so far, where rounds are stacked
	Experts []expert      `json:"experts,omitempty"` // one for each task learned
	Generic method.Blob   `json:"generic,omitempty"` // mean activation on generic text
	Judge   method.Blob   `json:"judge,omitempty"`   // tells experts by prompts, where that is pooled
	Before  method.Blob   `json:"before,omitempty"`  // the adapter as the stage met it
	Fisher  method.Blob   `json:"fisher,omitempty"`  // how firmly the shared adapter is held
}

// expert is what was learned of one task.
type expert struct {
	Task string      `json:"task"`
	LoRA method.Blob `json:"lora"`
	Keys method.Blob `json:"keys,omitempty"`
}

// recall reads the state, and turns the page where a new stage has begun: what was learned
// stays, what was at work is over.
func recall(s method.Scene) (memory, error) {
	var m memory
	if len(s.State.Bytes) > 0 {
		if err := json.Unmarshal(s.State.Bytes, &m); err != nil {
			return m, fmt.Errorf("routing: the state is not one of ours: %w", err)
		}
	}
	if !m.Begun || m.Stage != s.Stage.Index {
		m.Begun, m.Stage, m.Done, m.Stacks = true, s.Stage.Index, 0, nil
	}
	return m, nil
}

// state is the memory as it is kept; its blobs stay alive with it.
func (m memory) state() (method.State, error) {
	bytes, err := json.Marshal(m)
	if err != nil {
		return method.State{}, err
	}
	var holds []method.Blob
	hold := func(blobs ...method.Blob) {
		for _, b := range blobs {
			if b != "" && !slices.Contains(holds, b) {
				holds = append(holds, b)
			}
		}
	}
	for _, x := range m.Experts {
		hold(x.LoRA, x.Keys)
	}
	hold(m.Now, m.Generic, m.Judge, m.Before, m.Fisher)
	hold(m.Stacks...)
	return method.State{Bytes: bytes, Holds: holds}, nil
}

// taskOf is the name of a stage's task: "tasks/banking" is of banking. By it an expert is
// attached, and an oracle finds it.
func taskOf(s method.Stage) string {
	return s.Name[strings.LastIndex(s.Name, "/")+1:]
}

// register adds the expert of the stage's task. A task comes once: the names of experts are
// how they are told apart.
func (m *memory) register(s method.Stage, x expert) error {
	x.Task = taskOf(s)
	if slices.ContainsFunc(m.Experts, func(e expert) bool { return e.Task == x.Task }) {
		return fmt.Errorf("routing: stage %q brings task %q again; tasks are learned once, and experts have their names", s.Name, x.Task)
	}
	m.Experts = append(m.Experts, x)
	return nil
}

// beside is a model with an adapter more that runs beside its weights.
func beside(start method.Model, name string, b method.Blob, scale float64) method.Model {
	start.Attach = append(slices.Clone(start.Attach), method.Attach{Name: name, From: method.From{Blob: b}, Scale: scale})
	return start
}

// finished is a plan that asks nothing more in the stage.
func finished(s method.Scene) (method.PlanResponse, error) {
	return method.PlanResponse{State: s.State, Finished: true}, nil
}

// planned is a plan with the memory as it is now.
func planned(m memory, assign ...method.Assignment) (method.PlanResponse, error) {
	state, err := m.state()
	return method.PlanResponse{State: state, Assign: assign}, err
}
