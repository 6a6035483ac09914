package lora

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// A PEFT folder has two files: adapter_config.json, which says what the adapter is, and
// adapter_model.safetensors, with keys as "base_model.model." + path + ".lora_A.weight".
// The two are checked against each other and against the base, for each can be wrong
// without PEFT noticing: it passes over keys that it does not know, and only warns of
// those that it misses.
const (
	peftPrefix = "base_model.model."
	peftA      = ".lora_A.weight"
	peftB      = ".lora_B.weight"
)

// ReadPEFT reads an adapter as PEFT's save_pretrained writes it (0.21 and before) for a
// base with these modules, whose paths must be set. Pairs come in the order of modules.
//
// What we have no form for is an error that names it: magnitudes (DoRA), biases, heads
// and other saved modules, embeddings, factors that belong to a base of their own. So is
// any key that is unknown, any shape that disagrees with the base, and any rank that
// disagrees with the config. Modules that the config targets and that have no tensors
// are warnings.
func ReadPEFT(configJSON []byte, f *safetensors.File, modules []Module) (a Adapter, warnings []string, err error) {
	config, err := readPEFTConfig(configJSON)
	if err != nil {
		return nil, nil, fmt.Errorf("adapter_config.json: %w", err)
	}
	found := make([]Pair, len(modules))
	for _, t := range f.Tensors {
		if err := place(t, modules, found); err != nil {
			return nil, nil, fmt.Errorf("adapter_model.safetensors: %w", err)
		}
	}
	for i, p := range found {
		if p.A == nil && p.B == nil {
			continue
		}
		p.Module, p.Out, p.In = modules[i].Name, modules[i].Out, modules[i].In
		if err := config.settle(&p, modules[i].Path); err != nil {
			return nil, nil, fmt.Errorf("adapter_model.safetensors: %w", err)
		}
		a = append(a, p)
	}
	if len(a) == 0 {
		return nil, nil, fmt.Errorf("adapter_model.safetensors: no factor of any module of the base")
	}
	return a, config.unmet(modules, a), a.Check()
}

// place puts one tensor of the file into the pair that it belongs to.
func place(t safetensors.Tensor, modules []Module, found []Pair) error {
	path, factor, err := peftKey(t.Name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(modules, func(m Module) bool { return m.Path == path })
	if i < 0 {
		return fmt.Errorf("tensor %q: the base has no module %q that can be adapted", t.Name, path)
	}
	m, p := modules[i], &found[i]
	data, err := t.Floats()
	if err != nil {
		return err
	}
	if len(t.Shape) != 2 {
		return fmt.Errorf("tensor %q has shape %v, expected a matrix", t.Name, t.Shape)
	}
	switch {
	case factor == "A" && t.Shape[1] != m.In:
		return fmt.Errorf("tensor %q is %d×%d, but %s of the base has %d inputs: expected rank×%d", t.Name, t.Shape[0], t.Shape[1], path, m.In, m.In)
	case factor == "B" && t.Shape[0] != m.Out:
		return fmt.Errorf("tensor %q is %d×%d, but %s of the base has %d outputs: expected %d×rank", t.Name, t.Shape[0], t.Shape[1], path, m.Out, m.Out)
	case factor == "A":
		p.A, p.Rank = data, t.Shape[0]
	default:
		p.B = data
	}
	return nil
}

// peftKey takes a key apart, or says why it cannot be used.
func peftKey(key string) (path, factor string, err error) {
	rest, ok := strings.CutPrefix(key, peftPrefix)
	if !ok {
		return "", "", fmt.Errorf("tensor %q: expected a key beginning with %q", key, peftPrefix)
	}
	if path, ok := strings.CutSuffix(rest, peftA); ok {
		return path, "A", nil
	}
	if path, ok := strings.CutSuffix(rest, peftB); ok {
		return path, "B", nil
	}
	for _, lack := range []struct{ mark, what string }{
		{".lora_magnitude_vector", "DoRA's magnitudes are not supported"},
		{".lora_embedding_", "adapters of embeddings are not supported"},
		{".lora_B.bias", "biases in an adapter (lora_bias) are not supported"},
		{".base_layer.", "weights of the base in an adapter (bias, or an embedding) are not supported"},
		{".bias", "biases in an adapter are not supported"},
		{".weight", "whole modules in an adapter (modules_to_save) are not supported"},
	} {
		if strings.Contains(rest, lack.mark) {
			return "", "", fmt.Errorf("tensor %q: %s", key, lack.what)
		}
	}
	return "", "", fmt.Errorf("tensor %q: expected a key ending in %q or %q", key, peftA, peftB)
}

// settle gives the pair its scale, and insists that its rank is the config's: where they
// differ nobody knows what alpha was to be divided by.
func (c peftConfig) settle(p *Pair, path string) error {
	for _, missing := range []struct {
		factor []float32
		key    string
	}{{p.A, peftA}, {p.B, peftB}} {
		if missing.factor == nil {
			return fmt.Errorf("module %q has one factor alone: no tensor %q", path, peftPrefix+path+missing.key)
		}
	}
	rank, scale := c.resolve(path)
	if p.Rank != rank {
		return fmt.Errorf("tensor %q has rank %d, but the config says %d for this module (r, or the first match in rank_pattern): make the config agree with the tensors", peftPrefix+path+peftA, p.Rank, rank)
	}
	p.Scale = scale
	return p.check()
}

// unmet names the modules of the base that the config targets and the file has nothing
// for: PEFT would leave them as they began, and only warn. Where the config chooses
// layers by number or targets by a regular expression, the tensors alone say.
func (c peftConfig) unmet(modules []Module, a Adapter) (warnings []string) {
	for _, m := range modules {
		if _, adapted := a.Pair(m.Name); adapted || !suffixOf(c.targets, m.Path) || suffixOf(c.excluded, m.Path) {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("adapter_config.json: target_modules asks for %q, which has no tensors: it stays as it is", m.Path))
	}
	return warnings
}

// suffixOf is PEFT's rule for lists of modules: a whole path, or the end of one.
func suffixOf(list []string, path string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return path == s || strings.HasSuffix(path, "."+s) })
}
