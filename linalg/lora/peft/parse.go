package peft

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Parse reads a folder from its two files. Tensors are views of the file, which must stay
// alive and unchanged.
//
// An error names the file and the key: a key that is unknown or belongs to no module that
// the config chooses (PEFT passes over both), a factor without its other, a shape, a rank or
// a magnitude that disagrees with the config, a number that is not finite.
func Parse(configJSON []byte, file *safetensors.File) (*Folder, error) {
	config, err := ParseConfig(configJSON)
	if err != nil {
		return nil, err
	}
	f := &Folder{Config: config, Meta: maps.Clone(file.Meta)}
	delete(f.Meta, "format")
	found := map[string]*parts{}
	for _, t := range file.Tensors {
		if err := f.place(t, found); err != nil {
			return nil, fmt.Errorf("%s: %w", TensorsFile, err)
		}
	}
	for _, path := range sorted(found) {
		l, err := config.layer(path, found[path])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", TensorsFile, err)
		}
		f.Layers = append(f.Layers, l)
	}
	if len(f.Layers) == 0 {
		return nil, fmt.Errorf("%s: no factor of any module: expected keys as %q", TensorsFile, keyPrefix+"model.layers.0.self_attn.q_proj"+keyA)
	}
	f.note()
	return f, nil
}

// parts are the tensors of one module, by what their keys end in.
type parts map[string]safetensors.Tensor

// endings are those of keys that belong to a layer.
var endings = []string{keyA, keyB, keyEmbeddingA, keyEmbeddingB, keyMagnitude, keyBiasOfB}

// place puts one tensor where it belongs, or says why it belongs nowhere.
func (f *Folder) place(t safetensors.Tensor, found map[string]*parts) error {
	rest, ok := strings.CutPrefix(t.Name, keyPrefix)
	if !ok {
		return fmt.Errorf("tensor %q: expected a key beginning with %q", t.Name, keyPrefix)
	}
	for _, end := range endings {
		path, ok := strings.CutSuffix(rest, end)
		if !ok {
			continue
		}
		if path == "" {
			return fmt.Errorf("tensor %q: there is no module in the key", t.Name)
		}
		if found[path] == nil {
			found[path] = &parts{}
		}
		(*found[path])[end] = t
		return nil
	}
	switch c := f.Config; {
	case strings.Contains(rest, ".modules_to_save.") || strings.Contains(rest, ".original_module."):
		if c.Bias != "all" {
			break
		}
		f.Odd = append(f.Odd, fmt.Sprintf("%s: %q is a stray copy that PEFT writes where bias is \"all\" and there is a head; it is passed over", TensorsFile, t.Name))
		return nil
	case strings.HasSuffix(rest, keyBase+"bias") && c.Bias != "none",
		strings.HasSuffix(rest, ".bias") && c.Bias == "all",
		strings.HasSuffix(rest, keyBase+"weight"),
		c.saves(rest):
		return f.save(t, strings.Replace(rest, keyBase, ".", 1))
	case strings.HasSuffix(rest, "embed_tokens.weight"), strings.HasSuffix(rest, "lm_head.weight"):
		f.Odd = append(f.Odd, fmt.Sprintf("%s: %q takes the place of the base's: PEFT writes it where the vocabulary was resized or an embedding is targeted", TensorsFile, t.Name))
		return f.save(t, rest)
	}
	return fmt.Errorf("tensor %q is unknown: %s", t.Name, f.Config.whyUnknown(rest))
}

func (f *Folder) save(t safetensors.Tensor, name string) error {
	if _, err := finite(t); err != nil {
		return err
	}
	f.Saved = append(f.Saved, Saved{name, t})
	return nil
}

// whyUnknown is what the config would have to say for the key to be known.
func (c Config) whyUnknown(rest string) string {
	switch {
	case strings.HasSuffix(rest, ".bias"):
		return fmt.Sprintf("bias is %q and modules_to_save %q, neither of which asks for it", c.Bias, c.Save)
	case strings.HasSuffix(rest, ".weight"):
		return fmt.Sprintf("modules_to_save is %q, which does not ask for it", c.Save)
	}
	return fmt.Sprintf("expected a key ending in %q or %q", keyA, keyB)
}

// finite gives the numbers of a tensor, of which none may be NaN or infinite.
func finite(t safetensors.Tensor) ([]float32, error) {
	data, err := t.Floats()
	if err != nil {
		return nil, err
	}
	for i, x := range data {
		if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("tensor %q: number %d is %v, expected finite numbers", t.Name, i, x)
		}
	}
	return data, nil
}

// layer makes a layer of a module's tensors. Its rank must be the config's: where they differ
// nobody knows what alpha was to be divided by.
func (c Config) layer(path string, p *parts) (l Layer, err error) {
	a, b := keyA, keyB
	if _, ok := (*p)[keyEmbeddingA]; ok {
		a, b, l.Embedding = keyEmbeddingA, keyEmbeddingB, true
	}
	for _, end := range endings {
		_, has := (*p)[end]
		want := end == a || end == b || end == keyMagnitude && c.DoRA || end == keyBiasOfB && c.BiasOfB
		if has != want {
			return l, c.mismatch(path, end, has)
		}
	}
	if !c.Targets.Empty() && !c.Targets.Unreadable() && !c.Chooses(path) {
		return l, fmt.Errorf("tensor %q is unknown: the config puts no adapter on module %q (target_modules, exclude_modules, layers_to_transform, modules_to_save), so PEFT would pass over it", (*p)[a].Name, path)
	}
	ta, tb := (*p)[a], (*p)[b]
	for _, t := range []safetensors.Tensor{ta, tb} {
		if len(t.Shape) != 2 {
			return l, fmt.Errorf("tensor %q has shape %v, expected a matrix", t.Name, t.Shape)
		}
	}
	rank, alpha, scale := c.Resolve(path)
	l.Module, l.Alpha, l.Scale = path, alpha, scale
	l.Rank, l.In, l.Out = ta.Shape[0], ta.Shape[1], tb.Shape[0]
	if tb.Shape[1] != l.Rank {
		return l, fmt.Errorf("tensor %q is %d×%d, but %q has rank %d: expected %d×%d", tb.Name, l.Out, tb.Shape[1], ta.Name, l.Rank, l.Out, l.Rank)
	}
	if l.Rank != rank {
		return l, fmt.Errorf("tensor %q has rank %d, but the config says %d for this module (r, or the first match in rank_pattern): make the config agree with the tensors", ta.Name, l.Rank, rank)
	}
	for _, x := range []struct {
		end  string
		into *[]float32
	}{{a, &l.A}, {b, &l.B}, {keyMagnitude, &l.Magnitude}, {keyBiasOfB, &l.Bias}} {
		t, ok := (*p)[x.end]
		if !ok {
			continue
		}
		if *x.into, err = finite(t); err != nil {
			return l, err
		}
		if (x.end == keyMagnitude || x.end == keyBiasOfB) && len(*x.into) != l.Out {
			return l, fmt.Errorf("tensor %q has %d numbers, expected one per output of %q, %d", t.Name, len(*x.into), path, l.Out)
		}
	}
	if err := l.Check(); err != nil {
		return l, fmt.Errorf("%w", err)
	}
	return l, nil
}

// mismatch is the error of a tensor that is there and should not be, or is not and should.
func (c Config) mismatch(path, end string, has bool) error {
	key := keyPrefix + path + end
	if !has {
		return fmt.Errorf("tensor %q is missing: module %q has others", key, path)
	}
	why := "a module has factors of a weight or of an embedding, not both"
	switch end {
	case keyMagnitude:
		why = fmt.Sprintf("use_dora is %v in the config; magnitudes of embeddings are not supported", c.DoRA)
	case keyBiasOfB:
		why = fmt.Sprintf("lora_bias is %v in the config; embeddings have none", c.BiasOfB)
	}
	return fmt.Errorf("tensor %q is unknown: %s", key, why)
}

// note adds to Odd what is strange about the folder as a whole.
func (f *Folder) note() {
	c := f.Config
	if c.Moved() {
		f.Odd = append(f.Odd, fmt.Sprintf("%s: init_lora_weights is %s: the factors belong to a base that the start was taken out of, not to %q as it is", ConfigFile, c.Init, c.Base))
	}
	if c.Targets.Unreadable() {
		f.Odd = append(f.Odd, fmt.Sprintf("%s: target_modules is %q, an expression with look-around, which we cannot try: the tensors alone say which modules are meant", ConfigFile, c.Targets.Text))
	}
	automatic := []string{"classifier", "score"}
	for i, s := range c.Save {
		hit := slices.ContainsFunc(f.Saved, func(x Saved) bool { return Config{Save: []string{s}}.saves(x.Name) })
		if !hit && !slices.Contains(c.Save[:i], s) && (c.Task == "CAUSAL_LM" || !slices.Contains(automatic, s)) {
			f.Odd = append(f.Odd, fmt.Sprintf("%s: modules_to_save names %q, of which there are no tensors: it stays as it is in the base", ConfigFile, s))
		}
	}
	for _, l := range f.Layers {
		if linalg.Norm(linalg.Widen(1, len(l.B), l.B).Data) == 0 {
			f.Odd = append(f.Odd, fmt.Sprintf("%s: B of %q is 0: the layer changes nothing", TensorsFile, l.Module))
		}
	}
}
