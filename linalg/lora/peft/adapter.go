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
	if f.Config.Moved() {
		return nil, nil, fmt.Errorf("%s: init_lora_weights is %s: such factors belong to a base that they were taken out of, not to the one they are loaded on; save the adapter with path_initial_model_for_weight_conversion", ConfigFile, f.Config.Init)
	}
	if what := f.beyondPairs(); what != "" {
		return nil, nil, fmt.Errorf("%s: it has %s: an adapter of factors alone cannot hold that; merge the folder into its base instead", TensorsFile, what)
	}
	pairs := make([]lora.Pair, len(modules))
	for _, l := range f.Layers {
		i := slices.IndexFunc(modules, func(m lora.Module) bool { return m.Path == l.Module })
		if i < 0 {
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
		case f.Config.Chooses(modules[i].Path):
			warnings = append(warnings, fmt.Sprintf("%s: target_modules asks for %q, which has no tensors: it stays as it is", ConfigFile, modules[i].Path))
		}
	}
	return a, warnings, a.Check()
}
