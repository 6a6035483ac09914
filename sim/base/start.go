package base

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/data"
)

// Start reads a PEFT folder as an adapter over the base. What a pair of factors cannot hold,
// and modules that the base has not, are errors that name them; so are modules that the
// folder asks for and has no tensors of.
func (b *Base) Start(dir string, files data.Files) (lora.Adapter, error) {
	config, err := files.ReadFile(path.Join(dir, peft.ConfigFile))
	if err != nil {
		return nil, fmt.Errorf("%s is no adapter folder, which PEFT writes: %w", dir, err)
	}
	content, err := files.ReadFile(path.Join(dir, peft.TensorsFile))
	if err != nil {
		return nil, fmt.Errorf("%s is no adapter folder, which PEFT writes: %w", dir, err)
	}
	file, err := safetensors.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path.Join(dir, peft.TensorsFile), err)
	}
	folder, err := peft.Parse(config, file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	a, warnings, err := folder.Adapter(Paths(b.Model.Modules()))
	if err == nil && len(warnings) > 0 {
		err = errors.New(strings.Join(warnings, "; "))
	}
	if err != nil {
		return nil, fmt.Errorf("%s does not fit base %q: %w", dir, b.Name, err)
	}
	return a, nil
}

// Paths gives the modules of a model with their places in Hugging Face's layers.
func Paths(all []nn.Module) (modules []lora.Module) {
	for _, m := range all {
		x := lora.Module{Name: m.Name, Path: m.HF, Out: m.Out, In: m.In}
		for _, layer := range all {
			if m.Of == layer.Name {
				x.First, x.LayerOut = m.First, layer.Out
			}
		}
		modules = append(modules, x)
	}
	return modules
}

// Untie tells a merger of a checkpoint's head, if that is the embedding. untied is true where
// the two part.
func Untie(m *peft.Merger, c *Checkpoint) (untied bool) {
	table, head, tied := c.Config.TiedTensors()
	if !tied || slices.ContainsFunc(c.Tensors, func(t safetensors.Tensor) bool { return t.Name == head }) {
		return false
	}
	return m.Untie(table, head)
}
