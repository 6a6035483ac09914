package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Load makes a model of the tensors of a Hugging Face folder; those of several shards are
// simply appended. A tensor that is missing, left over or of another shape than the
// config says is an error that names it. Linear weights are laid out anew one after the
// other, so that a mapped file larger than the memory left for it passes through; F32
// tables and vectors are used where they lie, and their memory must stay mapped and
// unchanged as long as the model lives.
//
// A stored head counts even where the config says that it is tied (as in T5 1.1 and
// re-saved files), unless it is the embedding, number for number.
func Load(c Config, ts []safetensors.Tensor) (*Model, error) {
	return LoadAs(c, ts, Form{})
}

func sources(ts []safetensors.Tensor) []source {
	all := make([]source, len(ts))
	for i, t := range ts {
		all[i] = source{t.Name, t.Shape, t.Floats, formats[t.DType], t.Bits16}
	}
	return all
}

// FromTensors makes a model of what [Model.Tensors] gave. Vectors are used in place.
func FromTensors(c Config, t linalg.Tensors) (*Model, error) {
	all := make([]source, len(t.List))
	for i, x := range t.List {
		all[i] = source{name: x.Name, shape: x.Shape, read: func() ([]float32, error) { return x.Data, nil }}
	}
	return assemble(c, all, kernel.Float32)
}

// New makes a model with random weights: normal with deviation std (0.02 is usual), gains
// of 1 and biases of 0. Tensors are drawn in the order of [Model.Tensors].
func New(c Config, std float64, s *rng.Stream) (*Model, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	var all []source
	for _, t := range partsOf(c).slots {
		w := make([]float32, product(t.shape))
		for i := range w {
			if len(t.shape) == 1 {
				w[i] = t.fresh
			} else {
				w[i] = float32(std * s.Norm())
			}
		}
		all = append(all, source{name: t.name, shape: t.shape, read: func() ([]float32, error) { return w, nil }})
	}
	return assemble(c, all, kernel.Float32)
}

// source is a tensor on offer, read only when it is wanted.
type source struct {
	name  string
	shape []int
	read  func() ([]float32, error)
	// format is the one of 16 bits in which the tensor lies, or float32: then there are no
	// bits.
	format kernel.Format
	bits   func() ([]uint16, error)
}

// assemble puts what is offered into the parts that the config asks for. rounds is the format of
// maps whose products are to round their sides, or float32.
func assemble(c Config, offered []source, rounds kernel.Format) (*Model, error) {
	c, byName, err := gather(c, offered)
	if err != nil {
		return nil, err
	}
	m := &Model{config: c, parts: partsOf(c), rounds: rounds}
	m.maps, m.data = make([]*packed, len(m.linears)), make([][]float32, m.vectors)
	if err := m.fill(byName); err != nil {
		return nil, err
	}
	m.derive()
	return m, nil
}

// Fits says in what the tensors of a Hugging Face folder and its config differ, as [Load]
// does, without reading numbers other than those of a stored head that may be tied.
func Fits(c Config, ts []safetensors.Tensor) error {
	_, _, err := gather(c, sources(ts))
	return err
}

// gather finds each tensor that the config asks for, and whether the head is tied in fact.
func gather(c Config, offered []source) (Config, map[string]source, error) {
	if err := c.Check(); err != nil {
		return c, nil, err
	}
	byName, err := index(c, offered)
	if err != nil {
		return c, nil, err
	}
	if table, own, ok := c.TiedTensors(); ok {
		head, embed := byName[own], byName[table]
		if head.read != nil {
			if c.Tied, err = equal(head, embed); err != nil {
				return c, nil, err
			}
			if c.Tied {
				delete(byName, head.name)
			}
		}
	}
	return c, byName, compare(partsOf(c).slots, byName)
}

// TiedTensors names the table that is embedding and head in one, and the head of its own that a
// file may have instead. ok is false where the config has them apart.
func (c Config) TiedTensors() (table, head string, ok bool) {
	if !c.Tied {
		return "", "", false
	}
	c.Tied = false
	slots := partsOf(c).slots
	return slots[0].name, slots[len(slots)-1].name, true
}

// index knows what is offered by the names that the family has for it.
func index(c Config, offered []source) (map[string]source, error) {
	rename := families[c.Family].rename
	byName := make(map[string]source, len(offered))
	for _, s := range offered {
		found := s.name
		if rename != nil {
			s.name = rename(c, found)
		}
		if s.name == "" {
			continue
		}
		if _, twice := byName[s.name]; twice {
			return nil, fmt.Errorf("weights: tensor %q occurs twice", found)
		}
		byName[s.name] = s
	}
	return byName, nil
}

// equal says whether two tensors are the same, number for number.
func equal(a, b source) (bool, error) {
	if b.read == nil || !slices.Equal(a.shape, b.shape) {
		return false, nil
	}
	x, err := a.read()
	if err != nil {
		return false, fmt.Errorf("weights: %w", err)
	}
	y, err := b.read()
	if err != nil {
		return false, fmt.Errorf("weights: %w", err)
	}
	return slices.Equal(x, y), nil
}

// compare reports everything in which file and config differ, at most ten lines of it.
func compare(slots []slot, byName map[string]source) error {
	var faults []error
	wanted := make(map[string]bool, len(slots))
	for _, want := range slots {
		wanted[want.name] = true
		got, ok := byName[want.name]
		switch {
		case !ok:
			faults = append(faults, fmt.Errorf("weights: tensor %q is missing; config.json asks for it with shape %v", want.name, want.shape))
		case !slices.Equal(got.shape, want.shape):
			faults = append(faults, fmt.Errorf("weights: tensor %q has shape %v; config.json says %v (%s)", want.name, got.shape, want.shape, want.why))
		}
	}
	var over []string
	for name := range byName {
		if !wanted[name] {
			over = append(over, name)
		}
	}
	slices.Sort(over)
	for _, name := range over {
		faults = append(faults, fmt.Errorf("weights: tensor %q is left over; config.json has no place for it", name))
	}
	if len(faults) > 10 {
		faults = append(faults[:10], fmt.Errorf("weights: and %d more", len(faults)-10))
	}
	return errors.Join(faults...)
}
