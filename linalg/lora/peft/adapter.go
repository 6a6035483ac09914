package peft

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
)

// Adapter is the folder as an adapter of ours, for a base with these modules, whose paths
// must be set. Pairs come in the order of modules. Modules of the base that the config
// chooses and that have no tensors are warnings: PEFT would leave them as they began.
//
// What a pair of factors cannot hold is an error that names it: magnitudes (DoRA), biases,
// heads, embeddings, factors that belong to a base of their own. So is a module that the
// base has not, or has in another shape.
func (f *Folder) Adapter(modules []lora.Module) (a lora.Adapter, warnings []string, err error) {
	if _, err := f.Factors(); err != nil {
		return nil, nil, err
	}
	pairs := make([]lora.Pair, len(modules))
	for _, l := range f.Layers {
		i := slices.IndexFunc(modules, func(m lora.Module) bool { return m.Path == l.Module && m.LayerOut == 0 })
		if i < 0 || l.Embedding {
			return nil, nil, fmt.Errorf("%s: tensor %q: the base has no module %q that can be adapted", TensorsFile, keyPrefix+l.Module+keyA, l.Module)
		}
		m := modules[i]
		switch {
		case l.In != m.In:
			return nil, nil, fmt.Errorf("%s: tensor %q is %d×%d, but %s of the base has %d inputs: expected rank×%d", TensorsFile, keyPrefix+l.Module+keyA, l.Rank, l.In, l.Module, m.In, m.In)
		case l.Out != m.Out:
			return nil, nil, fmt.Errorf("%s: tensor %q is %d×%d, but %s of the base has %d outputs: expected %d×rank", TensorsFile, keyPrefix+l.Module+keyB, l.Out, l.Rank, l.Module, m.Out, m.Out)
		}
		pairs[i] = l.Pair
		pairs[i].Module = m.Name
	}
	for i, p := range pairs {
		switch {
		case p.Module != "":
			a = append(a, p)
		case modules[i].LayerOut == 0 && f.Config.Chooses(modules[i].Path):
			warnings = append(warnings, fmt.Sprintf("%s: target_modules asks for %q, which has no tensors: it stays as it is", ConfigFile, modules[i].Path))
		}
	}
	return a, warnings, a.Check()
}
