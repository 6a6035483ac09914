package nn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Load makes a model of the tensors of a Hugging Face folder; those of several shards are
// simply appended. A tensor that is missing, left over or of another shape than the
// config says is an error that names it. F32 tensors are used where they lie, so their
// memory must stay mapped and unchanged as long as the model lives.
//
// A stored head counts even where the config says that it is tied (as in T5 1.1 and
// re-saved files), unless it is the embedding, number for number.
func Load(c Config, ts []safetensors.Tensor) (*Model, error) {
	all := make([]source, len(ts))
	for i, t := range ts {
		all[i] = source{t.Name, t.Shape, t.Floats}
	}
	return assemble(c, all)
}

// FromTensors makes a model of what [Model.Tensors] gave. The data are used in place.
func FromTensors(c Config, t linalg.Tensors) (*Model, error) {
	all := make([]source, len(t.List))
	for i, x := range t.List {
		all[i] = source{x.Name, x.Shape, func() ([]float32, error) { return x.Data, nil }}
	}
	return assemble(c, all)
}

// New makes a model with random weights: normal with deviation std (0.02 is usual), norms
// of 1. Tensors are drawn in the order of [Model.Tensors].
func New(c Config, std float64, s *rng.Stream) (*Model, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	m := &Model{config: c}
	for _, t := range c.layout() {
		w := make([]float32, product(t.shape))
		for i := range w {
			if len(t.shape) == 1 {
				w[i] = 1
			} else {
				w[i] = float32(std * s.Norm())
			}
		}
		m.weights = append(m.weights, w)
	}
	return m, nil
}

// source is a tensor on offer, read only when it is wanted.
type source struct {
	name  string
	shape []int
	read  func() ([]float32, error)
}

// assemble puts what is offered into the layout that the config asks for.
func assemble(c Config, offered []source) (*Model, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	byName := make(map[string]source, len(offered))
	for _, s := range offered {
		if _, twice := byName[s.name]; twice {
			return nil, fmt.Errorf("weights: tensor %q occurs twice", s.name)
		}
		byName[s.name] = s
	}
	_, hasHead := byName[headName]
	tied := c.Tied
	c.Tied = tied && !hasHead
	layout := c.layout()
	if err := compare(layout, offered, byName); err != nil {
		return nil, err
	}
	m := &Model{config: c}
	for _, want := range layout {
		data, err := byName[want.name].read()
		if err != nil {
			return nil, fmt.Errorf("weights: %w", err)
		}
		if i := notFinite(data); i >= 0 {
			return nil, fmt.Errorf("weights: tensor %q has %g at place %d; every weight must be a finite number: was the file cut off or the training diverged?", want.name, data[i], i)
		}
		m.weights = append(m.weights, data)
	}
	if tied && hasHead && slices.Equal(m.weights.head(c), m.weights.embed()) {
		m.config.Tied = true
		m.weights = m.weights[:len(m.weights)-1]
	}
	return m, nil
}

// compare reports everything in which file and config differ, at most ten lines of it.
func compare(layout []slot, offered []source, byName map[string]source) error {
	var faults []error
	wanted := make(map[string]bool, len(layout))
	for _, want := range layout {
		wanted[want.name] = true
		got, ok := byName[want.name]
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("weights: tensor %q is missing; config.json asks for it with shape %v", want.name, want.shape))
		case !slices.Equal(got.shape, want.shape):
			faults = append(faults, fmt.Errorf("weights: tensor %q has shape %v; config.json says %v (%s)", want.name, got.shape, want.shape, want.why))
		}
	}
	for _, got := range offered {
		// Checkpoints of before 2023 carry RoPE's frequencies, which follow from the config.
		if !wanted[got.name] && !strings.HasSuffix(got.name, ".rotary_emb.inv_freq") {
			faults = append(faults, fmt.Errorf("weights: tensor %q is left over; config.json has no place for it", got.name))
		}
	}
	if len(faults) > 10 {
		faults = append(faults[:10], fmt.Errorf("weights: and %d more", len(faults)-10))
	}
	return errors.Join(faults...)
}

// notFinite is the first place of a number that is none, or −1. A difference of a number
// with itself is 0 for all others.
func notFinite(data []float32) int {
	for i, x := range data {
		if x-x != 0 {
			return i
		}
	}
	return -1
}
