package peft

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

var testModules = []lora.Module{
	{Name: "0.q", Path: "model.layers.0.self_attn.q_proj", Out: 12, In: 10},
	{Name: "1.v", Path: "model.layers.1.self_attn.v_proj", Out: 6, In: 10},
}

// trained is an adapter of normal numbers over both modules.
func trained(name string, rank int, scale float64) (a lora.Adapter) {
	for _, m := range testModules {
		a = append(a, trainedPair(name, m, rank, scale))
	}
	return a
}

func trainedPair(name string, m lora.Module, rank int, scale float64) lora.Pair {
	p := lora.Fresh(rng.New(1).At(name), m, rank, scale, lora.Kaiming{})
	s := rng.New(2).At(name, m.Name).Stream()
	for i := range p.B {
		p.B[i] = float32(s.Norm())
	}
	return p
}

// started gives every pair a start of rank 2.
func started(a lora.Adapter) lora.Adapter {
	out := slices.Clone(a)
	for i := range a {
		start := trainedPair("start", testModules[i], 2, 1)
		out[i].A0, out[i].B0 = start.A, start.B
	}
	return out
}

// dense gives every pair its change as a matrix.
func dense(a lora.Adapter) (out lora.Adapter) {
	for _, p := range a {
		out = append(out, lora.Pair{Module: p.Module, Out: p.Out, In: p.In, Scale: p.Scale, D: p.Delta().Scaled(1 / p.Scale).Narrow()})
	}
	return out
}

// distance is ‖x − y‖ / ‖y‖ over all modules.
func distance(x, y lora.Adapter) float64 {
	var off, all lora.Stack
	for _, err := range []error{off.AddAdapter(1, x), off.AddAdapter(-1, y), all.AddAdapter(1, y)} {
		if err != nil {
			panic(err)
		}
	}
	return off.Norm() / all.Norm()
}

// encoded is an adapter of ours as the two files.
func encoded(t testing.TB, a lora.Adapter) (config, tensors []byte) {
	t.Helper()
	f, err := Export(a, testModules, "some/base")
	if err != nil {
		t.Fatal(err)
	}
	config, tensors, err = f.Encode("F32")
	if err != nil {
		t.Fatal(err)
	}
	return config, tensors
}

// folder is what PEFT would have of two plain pairs of rank 3.
func folder(t *testing.T) (config map[string]any, list []linalg.Tensor) {
	t.Helper()
	text, tensors := encoded(t, trained("x", 3, 2))
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	x, err := safetensors.DecodeTensors(tensors)
	if err != nil {
		t.Fatal(err)
	}
	return config, x.List
}

func parse(t testing.TB, config, tensors []byte) (*Folder, error) {
	t.Helper()
	f, err := safetensors.Parse(tensors)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(config, f)
}

func readBack(t *testing.T, config map[string]any, list []linalg.Tensor) (*Folder, error) {
	t.Helper()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	b, err := safetensors.EncodeTensors(linalg.Tensors{List: list})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text, b)
}

// Whatever form an adapter has, what is exported makes the same change on the base as it was.
func TestExportKeepsTheChange(t *testing.T) {
	mixed := trained("x", 3, 2)
	mixed[1] = trainedPair("y", testModules[1], 1, 1.0/3)
	for name, a := range map[string]lora.Adapter{
		"plain": trained("x", 3, 2), "unequal": mixed, "started": started(trained("x", 3, 2)), "dense": dense(trained("x", 3, 2)), "one module": dense(trained("x", 3, 2))[:1],
	} {
		config, tensors := encoded(t, a)
		f, err := parse(t, config, tensors)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, warnings, err := f.Adapter(testModules)
		if err != nil || len(warnings) > 0 {
			t.Fatalf("%s: %v, %v", name, err, warnings)
		}
		if d := distance(got, a); d > 1e-15 {
			t.Errorf("%s: the change is %.2g off", name, d)
		}
		if again, same := encoded(t, a); !bytes.Equal(again, config) || !bytes.Equal(same, tensors) {
			t.Errorf("%s: written again, the bytes differ", name)
		}
	}
	if _, err := Export(trained("x", 3, 2), testModules[:1], ""); err == nil || !strings.Contains(err.Error(), "1.v") {
		t.Errorf("a module without a path: %v", err)
	}
}

func TestParseRefusesByName(t *testing.T) {
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
	drop := func(i int) func(map[string]any, *[]linalg.Tensor) {
		return func(_ map[string]any, l *[]linalg.Tensor) { *l = append((*l)[:i], (*l)[i+1:]...) }
	}
	for name, c := range map[string]struct {
		spoil func(map[string]any, *[]linalg.Tensor)
		words string
	}{
		"another kind":     {set("peft_type", "IA3"), `"IA3"`},
		"dora, no m":       {set("use_dora", true), q + keyMagnitude},
		"m, no dora":       {extra(q+keyMagnitude, 12), "use_dora is false"},
		"lora_bias":        {set("lora_bias", true), q + keyBiasOfB},
		"bias of B":        {extra(q+keyBiasOfB, 12), "lora_bias is false"},
		"another bias":     {set("bias", "some"), `bias is "some"`},
		"something new":    {set("use_novelty", 3), "use_novelty is 3"},
		"rank 0":           {set("r", 0), "r is 0"},
		"rank is text":     {set("r", "four"), `r is "four"`},
		"another rank":     {set("r", 4), "has rank 3, but the config says 4"},
		"look-around":      {set("rank_pattern", map[string]any{"(?=q)": 3}), "look-around"},
		"half a rank":      {set("rank_pattern", map[string]any{"q_proj": 2.5}), "whole number"},
		"pattern a list":   {set("alpha_pattern", []int{1}), "expected an object"},
		"alpha 0":          {set("lora_alpha", 0), "lora_alpha is 0"},
		"targets a number": {set("target_modules", 3), "target_modules is 3"},
		"layers a text":    {set("layers_to_transform", "one"), `layers_to_transform is "one"`},
		"not chosen":       {set("exclude_modules", "model.*q_proj"), "puts no adapter on module"},
		"other layer": {func(c map[string]any, _ *[]linalg.Tensor) {
			c["target_modules"], c["layers_to_transform"] = []string{"q_proj", "v_proj"}, 1
		}, "puts no adapter on module"},
		"two kinds":      {extra(q+keyEmbeddingA, 3, 10), "not both"},
		"head weight":    {extra("base_model.model.lm_cap.weight", 6, 10), "modules_to_save is"},
		"bias":           {extra("base_model.model.model.norm.bias", 6), `bias is "none"`},
		"base's bias":    {extra(q+".base_layer.bias", 12), `bias is "none"`},
		"stray copy":     {extra("base_model.model.classifier.modules_to_save.bias", 3), "is unknown"},
		"unknown key":    {extra(q+".lora_C.whatever", 3), "expected a key ending"},
		"no module":      {extra("base_model.model"+keyA, 3, 10), "is unknown"},
		"unknown prefix": {extra("model.layers.0.lora_A.weight", 3, 10), "beginning with"},
		"B missing":      {drop(1), q + keyB + "\" is missing"},
		"A missing":      {drop(0), q + keyA + "\" is missing"},
		"ranks disagree": {func(_ map[string]any, l *[]linalg.Tensor) { (*l)[1].Shape = []int{3, 12} }, "expected 3×3"},
		"a vector":       {func(_ map[string]any, l *[]linalg.Tensor) { (*l)[1].Shape = []int{36} }, "expected a matrix"},
		"NaN":            {func(_ map[string]any, l *[]linalg.Tensor) { (*l)[1].Data[4] = float32(math.NaN()) }, q + keyB + "\": number 4 is NaN"},
		"nothing":        {func(_ map[string]any, l *[]linalg.Tensor) { *l = nil }, "no factor of any module"},
	} {
		config, list := folder(t)
		c.spoil(config, &list)
		_, err := readBack(t, config, list)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, err, c.words)
			continue
		}
		if !strings.HasPrefix(err.Error(), ConfigFile+": ") && !strings.HasPrefix(err.Error(), TensorsFile+": ") {
			t.Errorf("%s: the error %q does not begin with its file", name, err)
		}
	}
	for _, text := range []string{"[]", "", "{", `{"peft_type":"LORA","r":1e99}`} {
		if _, err := Parse([]byte(text), &safetensors.File{}); err == nil {
			t.Errorf("%q for a config: went through", text)
		}
	}
}

// For a base that is another, or an adapter of ours that cannot hold it all, a folder that is
// sound in itself is still an error.
func TestAdapterRefusesByName(t *testing.T) {
	read := func(spoil func(map[string]any, *[]linalg.Tensor), modules []lora.Module) error {
		config, list := folder(t)
		spoil(config, &list)
		f, err := readBack(t, config, list)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = f.Adapter(modules)
		return err
	}
	as := func(map[string]any, *[]linalg.Tensor) {}
	other := slices.Clone(testModules)
	other[0].In = 11
	taller := slices.Clone(testModules)
	taller[1].Out = 7
	const q = "base_model.model.model.layers.0.self_attn.q_proj"
	head := linalg.Tensor{Name: "base_model.model.lm_head.weight", Shape: []int{2, 2}, Data: make([]float32, 4)}
	for name, c := range map[string]struct {
		err   error
		words string
	}{
		"other modules": {read(as, testModules[1:]), `no module "model.layers.0.self_attn.q_proj"`},
		"other inputs":  {read(as, other), "has 11 inputs"},
		"other outputs": {read(as, taller), "has 7 outputs"},
		"pissa":         {read(func(c map[string]any, _ *[]linalg.Tensor) { c["init_lora_weights"] = "pissa" }, testModules), "path_initial_model_for_weight_conversion"},
		"a head":        {read(func(_ map[string]any, l *[]linalg.Tensor) { *l = append(*l, head) }, testModules), "lm_head.weight"},
		"magnitudes": {read(func(c map[string]any, l *[]linalg.Tensor) {
			c["use_dora"] = true
			*l = append(*l, linalg.Tensor{Name: q + keyMagnitude, Shape: []int{12}, Data: make([]float32, 12)},
				linalg.Tensor{Name: strings.Replace(q, "0.self_attn.q", "1.self_attn.v", 1) + keyMagnitude, Shape: []int{6}, Data: make([]float32, 6)})
		}, testModules), "DoRA"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.words) {
			t.Errorf("%s: the error is %v, expected one with %q", name, c.err, c.words)
		}
	}
}

// Pairs of rows of one layer become one adapter of it, and other rows do not change.
func TestExportOfRowsOfALayer(t *testing.T) {
	const path = "transformer.h.0.attn.c_attn"
	modules := []lora.Module{
		{Name: "0.qkv", Path: path, Out: 18, In: 10},
		{Name: "0.q", Path: path, Out: 6, In: 10, LayerOut: 18},
		{Name: "0.v", Path: path, Out: 6, In: 10, First: 12, LayerOut: 18},
	}
	a := lora.Adapter{trainedPair("q", modules[1], 2, 2), trainedPair("v", modules[2], 3, 0.5)}
	f, err := Export(a, modules, "gpt2")
	if err != nil {
		t.Fatal(err)
	}
	config, tensors, err := f.Encode("F32")
	if err != nil {
		t.Fatal(err)
	}
	if f, err = parse(t, config, tensors); err != nil {
		t.Fatal(err)
	}
	got, warnings, err := f.Adapter(modules)
	if err != nil || len(got) != 1 || len(warnings) > 0 || got[0].Module != "0.qkv" || got[0].Rank != 5 {
		t.Fatalf("%v, %v, %v", got, warnings, err)
	}
	want := linalg.NewDense(18, 10)
	copy(want.Data, a[0].Delta().Data)
	copy(want.Data[12*10:], a[1].Delta().Data)
	want.Add(-1, got[0].Delta())
	if n := linalg.Norm(want.Data); n > 1e-6 {
		t.Errorf("the layer's change is %.2g off", n)
	}
}

// GPT-2 stores the maps of its blocks in×out; its heads, which are no such maps, as they are.
func TestMergerTurnsGPT2sBlocksAlone(t *testing.T) {
	modules := []lora.Module{{Name: "0.up", Path: "transformer.h.0.mlp.c_fc", Out: 5, In: 3}, {Name: "head", Path: "lm_head", Out: 7, In: 3}}
	a := lora.Adapter{trainedPair("up", modules[0], 2, 2), trainedPair("head", modules[1], 2, 0.5)}
	f, err := Export(a, modules, "gpt2")
	if err != nil {
		t.Fatal(err)
	}
	zeros := func(name string, shape ...int) safetensors.Tensor {
		x, err := safetensors.FromFloats(name, "F32", shape, make([]float32, shape[0]*shape[1]))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	m, err := NewMerger(f, "gpt2")
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Merge([]safetensors.Tensor{zeros("transformer.h.0.mlp.c_fc.weight", 3, 5), zeros("lm_head.weight", 7, 3)})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []linalg.Dense{a[0].Delta().T(), a[1].Delta()} {
		x, err := got[i].Floats()
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range want.Narrow() {
			if x[j] != v {
				t.Fatalf("%s: number %d is %g, expected %g", got[i].Name, j, x[j], v)
			}
		}
	}
}

// A targeted module without tensors is loaded without a word by PEFT; we say so.
func TestAdapterWarnsOfWhatIsMissing(t *testing.T) {
	for name, c := range map[string]struct {
		set   func(map[string]any)
		warns bool
	}{
		"by name":  {func(map[string]any) {}, true},
		"by end":   {func(c map[string]any) { c["target_modules"] = []string{"q_proj", "v_proj"} }, true},
		"excluded": {func(c map[string]any) { c["exclude_modules"] = []string{"layers.1.self_attn.v_proj"} }, false},
		"layer": {func(c map[string]any) {
			c["target_modules"], c["layers_to_transform"] = []string{"q_proj", "v_proj"}, 0
		}, false},
		"regex": {func(c map[string]any) { c["target_modules"] = ".*q_proj" }, false},
		"all":   {func(c map[string]any) { c["target_modules"] = "all-linear" }, true},
		"look":  {func(c map[string]any) { c["target_modules"] = "(?!x).*" }, false},
	} {
		config, list := folder(t)
		c.set(config)
		f, err := readBack(t, config, list[:2])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		a, warnings, err := f.Adapter(testModules)
		if err != nil || len(a) != 1 || (len(warnings) == 1) != c.warns || c.warns && !strings.Contains(warnings[0], "layers.1.self_attn.v_proj") {
			t.Errorf("%s: %v, %q, %v", name, a, warnings, err)
		}
		if odd := len(f.Odd) > 0; odd != (name == "look") {
			t.Errorf("%s: odd is %q", name, f.Odd)
		}
	}
}

// rsLoRA and back, and a truncation: the change stays, or is the nearest of that rank.
func TestConversionsKeepTheChange(t *testing.T) {
	a := started(trained("x", 3, 2))
	config, tensors := encoded(t, a)
	f, err := parse(t, config, tensors)
	if err != nil {
		t.Fatal(err)
	}
	cut, err := f.Truncated(4)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := f.Truncated(5)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		f    *Folder
		rank int
		near float64
	}{"rsLoRA": {f.WithRSLoRA(), 5, 1e-15}, "and back": {f.WithRSLoRA().Plain(), 5, 1e-15}, "whole": {whole, 5, 1e-15}, "cut": {cut, 4, 0.5}} {
		text, file, err := c.f.Encode("F32")
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(t, text, file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, _, err := again.Adapter(testModules)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if d := distance(got, a); d > c.near || got.Rank() != c.rank {
			t.Errorf("%s: rank %d, the change is %.2g off", name, got.Rank(), d)
		}
		if again.Config.RSLoRA != (name == "rsLoRA") {
			t.Errorf("%s: use_rslora is %v", name, again.Config.RSLoRA)
		}
	}
	if _, err := f.Truncated(0); err == nil {
		t.Error("rank 0 went through")
	}
	if _, err := f.Since(cut); err != nil {
		t.Errorf("since a start of another rank: %v", err)
	}
	less := *f
	less.Layers = f.Layers[:1]
	if _, err := f.Since(&less); err == nil {
		t.Error("a start of fewer layers went through")
	}
}
