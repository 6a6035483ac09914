package peft

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Encode writes the two files of the folder: factors, magnitudes and their biases in dtype
// (F32, BF16 or F16, rounded to nearest even), saved tensors as they are. Equal folders give
// equal bytes.
func (f *Folder) Encode(dtype string) (configJSON, tensors []byte, err error) {
	var list []safetensors.Tensor
	add := func(path, end string, shape []int, data []float32) {
		if data == nil || err != nil {
			return
		}
		var t safetensors.Tensor
		t, err = safetensors.FromFloats(keyPrefix+path+end, dtype, shape, data)
		list = append(list, t)
	}
	for _, l := range f.Layers {
		a, b := keyA, keyB
		if l.Embedding {
			a, b = keyEmbeddingA, keyEmbeddingB
		}
		add(l.Module, a, []int{l.Rank, l.In}, l.A)
		add(l.Module, b, []int{l.Out, l.Rank}, l.B)
		add(l.Module, keyMagnitude, []int{l.Out}, l.Magnitude)
		add(l.Module, keyBiasOfB, []int{l.Out}, l.Bias)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", TensorsFile, err)
	}
	for _, s := range f.Saved {
		t := s.Tensor
		t.Name = keyPrefix + f.keyOf(s.Name)
		list = append(list, t)
	}
	slices.SortFunc(list, func(x, y safetensors.Tensor) int { return strings.Compare(x.Name, y.Name) })
	if configJSON, err = f.Config.encode(); err != nil {
		return nil, nil, err
	}
	meta := map[string]string{}
	maps.Copy(meta, f.Meta)
	meta["format"] = "pt"
	tensors, err = safetensors.Encode(meta, list)
	return configJSON, tensors, err
}

// keyOf is the name under which PEFT looks for a parameter of the base: that of a module with
// a layer on it is the layer's base_layer.
func (f *Folder) keyOf(name string) string {
	dot := strings.LastIndexByte(name, '.')
	if dot > 0 {
		if _, ok := f.Layer(name[:dot]); ok {
			return name[:dot] + keyBase + name[dot+1:]
		}
	}
	return name
}

// encode writes the keys in ascending order, patterns in their own.
func (c Config) encode() ([]byte, error) {
	all := map[string]any{
		"peft_type": "LORA", "base_model_name_or_path": c.Base, "r": c.Rank, "lora_alpha": c.Alpha, "use_rslora": c.RSLoRA,
		"use_dora": c.DoRA, "bias": c.Bias, "lora_bias": c.BiasOfB, "fan_in_fan_out": c.FanInFanOut, "modules_to_save": c.Save,
		"init_lora_weights": json.RawMessage(c.Init), "rank_pattern": ordered(c.Ranks), "alpha_pattern": ordered(c.Alphas),
		"target_modules": c.Targets.value(), "exclude_modules": c.Excluded.value(), "layers_to_transform": c.Layers,
		"layers_pattern": c.LayersIn, "task_type": orNull(c.Task),
	}
	for key, raw := range c.Rest {
		all[key] = raw
	}
	out := []byte("{")
	for i, key := range sorted(all) {
		v, err := json.Marshal(all[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", ConfigFile, key, err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), key...), `":`...)
		out = append(out, v...)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, append(out, '}'), "", "  "); err != nil {
		return nil, fmt.Errorf("%s: %w", ConfigFile, err)
	}
	return append(pretty.Bytes(), '\n'), nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// value is the names as JSON has them: a text, a list, or null.
func (n Names) value() any {
	if n.Text != "" {
		return n.Text
	}
	return n.List
}

// ordered are patterns as a JSON object in their own order.
type ordered []Pattern

// MarshalJSON writes what encoding/json would sort.
func (o ordered) MarshalJSON() ([]byte, error) {
	out := []byte("{")
	for i, p := range o {
		if i > 0 {
			out = append(out, ',')
		}
		k, err := json.Marshal(p.Key)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(p.Value)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, k...), ':'), v...)
	}
	return append(out, '}'), nil
}
