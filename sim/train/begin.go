package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/factor"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/start"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// ground is what the pairs of a part begin on: the base with all that is merged into it.
type ground struct {
	model *nn.Model
	key   rng.Key // of the part's draws
}

// fresh is a pair that begins by its init. Where that is not random it is taken from the
// weight as it is now, and the weight gives it up: the pair carries its start.
func (t *Trainer) fresh(on ground, l method.LoRA, m nn.Module, rank int) (lora.Pair, error) {
	init, err := initOf(l, m.Name)
	if err != nil {
		return lora.Pair{}, err
	}
	module := lora.Module{Name: m.Name, Out: m.Out, In: m.In}
	var st start.Start
	switch init := init.(type) {
	case method.Kaiming:
		return lora.Fresh(on.key, module, rank, l.Scale, lora.Kaiming{}), nil
	case method.Gaussian:
		return lora.Fresh(on.key, module, rank, l.Scale, lora.Gaussian{Std: init.Std}), nil
	case method.Spectral:
		st, err = t.spectral(on, init, module, rank, l.Scale)
	case method.Orthonormal:
		var w linalg.Dense
		if w, err = frozenWeight(on.model, m.Name); err == nil {
			st, err = start.OLoRA(w, rank, l.Scale)
		}
	case method.Given:
		return t.given(init, l, m)
	default:
		panic(fmt.Sprintf("train: Carries let the init %T through", init))
	}
	if err != nil {
		return lora.Pair{}, fmt.Errorf("the init %s of module %s: %w", method.Name(init), m.Name, err)
	}
	return st.Pair(module, l.Scale), nil
}

// spectral takes singular triples of the weight, or their sizes with drawn directions.
func (t *Trainer) spectral(on ground, s method.Spectral, m lora.Module, rank int, scale float64) (start.Start, error) {
	d, err := t.merged.spectra.of(on.model, m.Name)
	if err != nil {
		return start.Start{}, err
	}
	key := on.key.At("spectral", m.Name)
	index := choices(s.Pick, key)(len(d.Sigma), rank)
	if !s.Random {
		return start.Spectral(d, index, scale)
	}
	p, err := start.Directions(key.At("rows"), m.Out, rank)
	if err != nil {
		return start.Start{}, err
	}
	r, err := start.Directions(key.At("columns"), m.In, rank)
	if err != nil {
		return start.Start{}, err
	}
	sigma, all := make([]float64, rank), make([]int, rank)
	for k, i := range index {
		sigma[k], all[k] = d.Sigma[i], k
	}
	return start.Spectral(factor.SVD{U: p, Sigma: sigma, V: r}, all, scale)
}

// choices are the words of [method.Spectral].
func choices(pick string, key rng.Key) start.Choice {
	switch pick {
	case "principal":
		return start.Largest
	case "minor":
		return start.Smallest
	case "middle":
		return start.Middle
	}
	return start.Any(key)
}

// given is the module's pair of a blob, at the part's scale and at most at its rank. Without
// a residual the base stays, and the change is there from the start.
func (t *Trainer) given(g method.Given, l method.LoRA, m nn.Module) (lora.Pair, error) {
	a, err := openAdapter(sources(g.Blob), l.Rank, t.blobs)
	if err != nil {
		return lora.Pair{}, fmt.Errorf("the init given: %w", err)
	}
	p, ok := a.Rescale(l.Scale).Pair(m.Name)
	switch {
	case !ok:
		return p, fmt.Errorf("the init given: blob %.12s… has no module %s; give other inits for what it lacks, by module", g.Blob, m.Name)
	case p.Out != m.Out || p.In != m.In || p.Dense():
		return p, fmt.Errorf("the init given: module %s is %d×%d, and in the blob %d×%d (dense %v)", m.Name, m.Out, m.In, p.Out, p.In, p.Dense())
	case g.Residual && p.Started():
		return p, fmt.Errorf("the init given: module %s of the blob carries a start already, and is to be taken out of the weight again (Residual)", m.Name)
	case g.Residual:
		p.A0, p.B0 = slices.Clone(p.A), slices.Clone(p.B)
	}
	return p, nil
}

// carriesInit: the inits of the catalogue, with picks that have a meaning.
func carriesInit(i method.InitAt) error {
	switch x := i.Init.(type) {
	case method.Kaiming, method.Gaussian, method.Orthonormal:
		return nil
	case method.Given:
		if x.Blob == "" {
			return fmt.Errorf("the init given (for modules %q) names no blob", i.Modules)
		}
		return nil
	case method.Spectral:
		if !slices.Contains([]string{"principal", "minor", "middle", "random"}, x.Pick) {
			return fmt.Errorf("the init spectral (for modules %q) picks %q; principal, minor, middle or random is expected", i.Modules, x.Pick)
		}
		return nil
	}
	return refuse("the init %s (for modules %q)", method.Name(i.Init), i.Modules)
}

// initOf is the first init whose pattern matches; without one, what PEFT does.
func initOf(l method.LoRA, module string) (method.Init, error) {
	for _, i := range l.Init {
		ok, err := linalg.Match(i.Modules, module)
		if err != nil {
			return nil, err
		}
		if ok {
			return i.Init, nil
		}
	}
	return method.Kaiming{}, nil
}
