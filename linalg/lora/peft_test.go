package lora

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

var peftModules = []Module{
	{Name: "0.q", Path: "model.layers.0.self_attn.q_proj", Out: 12, In: 10},
	{Name: "1.v", Path: "model.layers.1.self_attn.v_proj", Out: 6, In: 10},
}

// folder is what PEFT would have of two plain pairs of rank 3.
func folder(t *testing.T) (config map[string]any, list []linalg.Tensor) {
	t.Helper()
	text, tensors, err := WritePEFT(trained("x", 3, 2), peftModules, "some/base")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	x, err := safetensors.DecodeTensors(tensors)
	if err != nil {
		t.Fatal(err)
	}
	return config, x.List
}

func readBack(t *testing.T, config map[string]any, list []linalg.Tensor) (Adapter, []string, error) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	b, err := safetensors.EncodeTensors(linalg.Tensors{List: list})
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return ReadPEFT(text, f, peftModules)
}

// Whatever form an adapter has, what is exported makes the same change on the base as it was.
func TestExportKeepsTheChange(t *testing.T) {
	mixed := trained("x", 3, 2)
	mixed[1] = trainedPair("y", peftModules[1], 1, 1.0/3)
	tall := Adapter{dense(trained("x", 3, 2))[0]}
	for name, a := range map[string]Adapter{
		"plain": trained("x", 3, 2), "unequal": mixed, "started": started(trained("x", 3, 2)), "dense": dense(trained("x", 3, 2)), "dense, one module": tall,
	} {
		config, tensors, err := WritePEFT(a, peftModules, "some/base")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f, err := safetensors.Parse(tensors)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := ReadPEFT(config, f, peftModules)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := distance(got, a); d > 1e-15 {
			t.Errorf("%s: the change is %.2g off", name, d)
		}
		again, same, err := WritePEFT(a, peftModules, "some/base")
		if err != nil || !bytes.Equal(again, config) || !bytes.Equal(same, tensors) {
			t.Errorf("%s: written again, the bytes differ (%v)", name, err)
		}
	}
	if _, _, err := WritePEFT(trained("x", 3, 2), peftModules[:1], ""); err == nil || !strings.Contains(err.Error(), "1.v") {
		t.Errorf("a module without a path: %v", err)
	}
}

func TestReadPEFTRefusesByName(t *testing.T) {
	extra := func(name string, shape ...int) func(map[string]any, *[]linalg.Tensor) {
		return func(_ map[string]any, l *[]linalg.Tensor) {
			n := 1
			for _, s := range shape {
				n *= s
			}
			*l = append(*l, linalg.Tensor{Name: name, Shape: shape, Data: make([]float32, n)})
		}
	}
	set := func(key string, value any) func(map[string]any, *[]linalg.Tensor) {
		return func(c map[string]any, _ *[]linalg.Tensor) { c[key] = value }
	}
	const q = "base_model.model.model.layers.0.self_attn.q_proj"
	for name, c := range map[string]struct {
		spoil func(map[string]any, *[]linalg.Tensor)
		words string
	}{
		"another kind":     {set("peft_type", "IA3"), `"IA3"`},
		"dora":             {set("use_dora", true), "use_dora"},
		"biases":           {set("bias", "all"), `"all"`},
		"heads":            {set("modules_to_save", []string{"lm_head"}), "modules_to_save"},
		"something new":    {set("use_novelty", 3), "use_novelty"},
		"pissa":            {set("init_lora_weights", "pissa"), "path_initial_model_for_weight_conversion"},
		"rank 0":           {set("r", 0), "r is 0"},
		"rank is text":     {set("r", "four"), `r is "four"`},
		"another rank":     {set("r", 4), "has rank 3, but the config says 4"},
		"look-around":      {set("rank_pattern", map[string]any{"(?=q)": 3}), "look-around"},
		"half a rank":      {set("rank_pattern", map[string]any{"q_proj": 2.5}), "whole number"},
		"pattern a list":   {set("alpha_pattern", []int{1}), "expected an object"},
		"alpha 0":          {set("lora_alpha", 0), "scale is 0"},
		"magnitudes":       {extra(q+".lora_magnitude_vector", 12), "DoRA"},
		"embedding":        {extra("base_model.model.model.embed_tokens.lora_embedding_A", 3, 61), "embeddings"},
		"head weight":      {extra("base_model.model.lm_head.weight", 6, 10), "modules_to_save"},
		"adapter's bias":   {extra(q+".lora_B.bias", 12), "lora_bias"},
		"unknown key":      {extra(q+".lora_C.whatever", 3), "expected a key ending"},
		"unknown prefix":   {extra("model.layers.0.lora_A.weight", 3, 10), "beginning with"},
		"unknown module":   {extra("base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight", 3, 10), `no module "model.layers.9.self_attn.q_proj"`},
		"B missing":        {func(_ map[string]any, l *[]linalg.Tensor) { *l = append((*l)[:1], (*l)[2:]...) }, "one factor alone"},
		"inputs disagree":  {func(_ map[string]any, l *[]linalg.Tensor) { (*l)[0].Shape = []int{10, 3} }, "has 10 inputs"},
		"outputs disagree": {func(_ map[string]any, l *[]linalg.Tensor) { (*l)[1].Shape = []int{3, 12} }, "has 12 outputs"},
		"nothing":          {func(_ map[string]any, l *[]linalg.Tensor) { *l = nil }, "no factor of any module"},
	} {
		config, list := folder(t)
		c.spoil(config, &list)
		if _, _, err := readBack(t, config, list); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, err, c.words)
		}
	}
	if _, _, err := ReadPEFT([]byte("[]"), &safetensors.File{}, peftModules); err == nil {
		t.Error("a list for a config: went through")
	}
}

// A targeted module without tensors is loaded without a word by PEFT; we say so.
func TestReadPEFTWarnsOfWhatIsMissing(t *testing.T) {
	config, list := folder(t)
	a, warnings, err := readBack(t, config, list[:2])
	if err != nil || len(a) != 1 || len(warnings) != 1 || !strings.Contains(warnings[0], "layers.1.self_attn.v_proj") {
		t.Errorf("%v, %q, %v", a, warnings, err)
	}
	for _, quiet := range []func(){
		func() { config["exclude_modules"] = []string{"layers.1.self_attn.v_proj"} },
		func() { config["exclude_modules"] = nil; config["layers_to_transform"] = 0 },
		func() { config["layers_to_transform"] = nil; config["target_modules"] = ".*q_proj" },
	} {
		quiet()
		if _, warnings, err := readBack(t, config, list[:2]); err != nil || len(warnings) != 0 {
			t.Errorf("chosen by %v: %q, %v", config, warnings, err)
		}
	}
}
