package nn

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Form says how a model holds its weights and multiplies by them. Zero: as they are stored,
// and in float32.
type Form struct {
	// Weights is BF16 or F16 if every tensor is to be as it would be had it been stored so:
	// rounded to nearest even, and a number that the type cannot hold is an error.
	Weights string
	// Products is BF16 or F16 if products by linear maps are to round both of their sides to that:
	// the weights once, activations and gradients as they enter. Their sums are float32, and
	// so is all else: adapters, norms, attention, losses, optimisers, embeddings that are no
	// head as well, and the weights that are trained ([Runner.TrainBase]).
	Products string
}

// products are the formats of maps by the types that products can round to.
var products = map[string]kernel.Format{"": kernel.Float32, "BF16": kernel.Rounded, "F16": kernel.RoundedHalf}

// Check refuses forms that there are not.
func (f Form) Check() error {
	if _, ok := formats[f.Weights]; !ok && f.Weights != "" {
		return fmt.Errorf("weights cannot be held as %q; expected BF16 or F16", f.Weights)
	}
	if _, ok := products[f.Products]; !ok {
		return fmt.Errorf("products cannot be of numbers rounded to %q; expected BF16 or F16", f.Products)
	}
	return nil
}

// LoadAs is [Load] in a form. A form that is not zero makes another model, whose numbers are
// others, and which takes half the memory.
func LoadAs(c Config, ts []safetensors.Tensor, f Form) (*Model, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	all := sources(ts)
	if f.Weights != "" {
		for i, t := range ts {
			all[i] = rounded(t, f.Weights)
		}
	}
	return assemble(c, all, products[f.Products])
}

// rounded is a tensor as it would be had it been stored as another type.
func rounded(t safetensors.Tensor, dtype string) source {
	as := func() (safetensors.Tensor, error) {
		if t.DType == dtype {
			return t, nil
		}
		data, err := t.Floats()
		if err != nil {
			return t, err
		}
		return safetensors.FromFloats(t.Name, dtype, t.Shape, data)
	}
	return source{t.Name, t.Shape, func() ([]float32, error) {
		r, err := as()
		if err != nil {
			return nil, err
		}
		return r.Floats()
	}, formats[dtype], func() ([]uint16, error) {
		r, err := as()
		if err != nil {
			return nil, err
		}
		return r.Bits16()
	}}
}

// Rounding is the model with other [Form.Products]. Vectors are shared with m.
func (m *Model) Rounding(to string) (*Model, error) {
	if err := (Form{Products: to}).Check(); err != nil {
		return nil, err
	}
	var all []source
	for _, s := range m.Sources() {
		all = append(all, source{name: s.Name, shape: s.Shape, read: func() ([]float32, error) { return s.Data(), nil }})
	}
	return assemble(m.config, all, products[to])
}

// Rounds is the format of the maps whose products round their sides: float32 if none do.
func (m *Model) Rounds() kernel.Format { return m.rounds }

// roundable refuses numbers that have no finite number to be rounded to.
func roundable(name string, data []float32, to kernel.Format) error {
	round, called := kernel.Round, "bf16"
	if to == kernel.RoundedHalf {
		round, called = kernel.RoundHalf, "f16"
	}
	for i, x := range data {
		if math.IsInf(float64(round(x)), 0) {
			return fmt.Errorf("weights: tensor %q has %g at place %d, which %s cannot hold", name, x, i, called)
		}
	}
	return nil
}
