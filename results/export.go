package results

import (
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/plugins/method"
)

// ErrNoExport says why a deployed model cannot be written as one PEFT folder. It is no
// fault: the model answers users all the same.
var ErrNoExport = errors.New("not exported")

// ExportAdapter writes what a trial deployed in the end as a PEFT folder under
// adapters/NAME. What is attached is added up exactly: several adapters, merged or beside,
// become one along the rank. modules give the paths of the base's maps in its Hugging Face
// form; base is what PEFT is told to load the adapter on, and dress adds to the folder what else
// PEFT must know of it.
//
// A model of gates, routers or personal parts is more than one adapter: it is not
// exported, and the error wraps [ErrNoExport].
func (f *Folder) ExportAdapter(name string, m method.Model, blobs method.Blobs, modules []lora.Module, base string, dress func(*peft.Folder) error) error {
	a, err := oneAdapter(m, blobs)
	if err != nil {
		return err
	}
	folder, err := peft.Export(a, modules, base)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNoExport, err)
	}
	if err := dress(folder); err != nil {
		return fmt.Errorf("%w: %v", ErrNoExport, err)
	}
	config, tensors, err := folder.Encode("F32")
	if err != nil {
		return fmt.Errorf("%w: %v", ErrNoExport, err)
	}
	if err := f.WriteAdapter(name, peft.ConfigFile, config); err != nil {
		return err
	}
	return f.WriteAdapter(name, peft.TensorsFile, tensors)
}

// oneAdapter adds up all that is attached to a model, module by module: not all need have the
// same ones.
func oneAdapter(m method.Model, blobs method.Blobs) (lora.Adapter, error) {
	switch {
	case len(m.Attach) == 0:
		return nil, fmt.Errorf("%w: nothing is attached to the base", ErrNoExport)
	case len(m.Routers) > 0:
		return nil, fmt.Errorf("%w: a router shares inputs among experts", ErrNoExport)
	}
	var order []string
	stacks := map[string]*lora.Stack{}
	for _, at := range m.Attach {
		a, err := attached(at, blobs)
		if err != nil {
			return nil, err
		}
		if len(m.Attach) == 1 && at.Scale == 1 { // as it is, with the rank and scale it was trained at
			return a, nil
		}
		for _, p := range a {
			if stacks[p.Module] == nil {
				order, stacks[p.Module] = append(order, p.Module), &lora.Stack{}
			}
			if err := stacks[p.Module].AddAdapter(at.Scale, lora.Adapter{p}); err != nil {
				return nil, fmt.Errorf("attachment %q: %w", at.Name, err)
			}
		}
	}
	var sum lora.Adapter
	for _, module := range order {
		sum = append(sum, stacks[module].Adapter()...)
	}
	return sum, nil
}

func attached(at method.Attach, blobs method.Blobs) (lora.Adapter, error) {
	switch {
	case at.Gate != nil:
		return nil, fmt.Errorf("%w: attachment %q has a gate", ErrNoExport, at.Name)
	case at.From.Blob == "":
		return nil, fmt.Errorf("%w: attachment %q is kept by each participant", ErrNoExport, at.Name)
	}
	t, err := blobs.Open(at.From.Blob)
	if err != nil {
		return nil, err
	}
	a, err := lora.Parse(t)
	if err != nil {
		return nil, fmt.Errorf("%w: attachment %q: %v", ErrNoExport, at.Name, err)
	}
	if at.Rank > 0 && at.Rank < a.Rank() {
		return a.Truncate(at.Rank)
	}
	return a, nil
}
