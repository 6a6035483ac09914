package peft

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// FuzzFiles feeds the two files of a folder as bytes.
func FuzzFiles(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed.config, seed.tensors)
	}
	f.Fuzz(func(t *testing.T, config, tensors []byte) {
		if file, err := safetensors.Parse(tensors); err == nil {
			sound(t, config, file)
		}
	})
}

// FuzzKeys feeds a config and sound tensors of any names and sizes, a line each: a key, rows
// and columns, as "base_model.model.x.lora_A.weight 3 10". No columns make a vector.
func FuzzKeys(f *testing.F) {
	for _, seed := range seeds(f) {
		keys := ""
		if file, err := safetensors.Parse(seed.tensors); err == nil {
			for _, x := range file.Tensors {
				keys += x.Name
				for _, side := range x.Shape {
					keys += fmt.Sprint(" ", side)
				}
				keys += "\n"
			}
		}
		f.Add(seed.config, keys)
	}
	f.Fuzz(func(t *testing.T, config []byte, keys string) {
		file := &safetensors.File{}
		for line := range strings.Lines(keys) {
			words := strings.Fields(line)
			if len(words) == 0 || !utf8.ValidString(line) {
				continue
			}
			n, shape := 1, []int{}
			for _, w := range words[1:min(len(words), 4)] {
				side, err := strconv.Atoi(w)
				if err != nil || side < 0 || side > 64 {
					side = 1
				}
				n, shape = n*side, append(shape, side)
			}
			x, err := safetensors.FromFloats(words[0], "F32", shape, make([]float32, n))
			if err != nil {
				t.Fatal(err)
			}
			file.Tensors = append(file.Tensors, x)
		}
		if _, err := safetensors.Encode(nil, file.Tensors); err == nil { // no name twice
			sound(t, config, file)
		}
	})
}

// sound checks that whatever the files hold, reading ends in a folder that can be written and
// read again as itself, or in an error that names its file.
func sound(t *testing.T, config []byte, file *safetensors.File) {
	folder, err := Parse(config, file)
	if err != nil {
		if !strings.HasPrefix(err.Error(), ConfigFile+": ") && !strings.HasPrefix(err.Error(), TensorsFile+": ") {
			t.Fatalf("the error %q does not begin with its file", err)
		}
		return
	}
	text, bytes, err := folder.Encode("F32")
	if err != nil {
		t.Fatalf("it was read, and cannot be written: %v", err)
	}
	again, err := parse(t, text, bytes)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v", err)
	}
	if len(again.Layers) != len(folder.Layers) || len(again.Saved) != len(folder.Saved) {
		t.Fatalf("%d layers and %d saved tensors became %d and %d", len(folder.Layers), len(folder.Saved), len(again.Layers), len(again.Saved))
	}
}

type seed struct{ config, tensors []byte }

// seeds are folders of every kind, and some that lie.
func seeds(t testing.TB) []seed {
	config, tensors := encoded(t, trained("x", 2, 2))
	with := func(set func(map[string]any)) []byte {
		var c map[string]any
		if err := json.Unmarshal(config, &c); err != nil {
			t.Fatal(err)
		}
		set(c)
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	unequal := trained("y", 1, 0.3)
	unequal[1] = trainedPair("z", testModules[1], 3, 7)
	patterns, patterned := encoded(t, unequal)
	lie := append([]byte{}, tensors...)
	binary.LittleEndian.PutUint64(lie, 1<<62)
	const embedding = `{"base_model.model.e.lora_embedding_A":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},` +
		`"base_model.model.e.lora_embedding_B":{"dtype":"BF16","shape":[2,1],"data_offsets":[8,12]},` +
		`"base_model.model.e.base_layer.weight":{"dtype":"F16","shape":[2,2],"data_offsets":[12,20]},` +
		`"base_model.model.h.bias":{"dtype":"F32","shape":[],"data_offsets":[20,24]}}`
	hand := binary.LittleEndian.AppendUint64(nil, uint64(len(embedding)))
	hand = append(append(hand, embedding...), make([]byte, 24)...)
	return []seed{
		{config, tensors}, {patterns, patterned}, {config, patterned}, {config, lie}, {config, tensors[:len(tensors)-7]}, {nil, nil},
		{with(func(c map[string]any) { c["use_dora"], c["use_rslora"] = true, true }), tensors},
		{with(func(c map[string]any) { c["rank_pattern"] = map[string]any{"q_proj": 1, "(": 2} }), tensors},
		{with(func(c map[string]any) {
			c["target_modules"], c["layers_to_transform"], c["layers_pattern"] = []string{"q_proj", "v_proj"}, []int{0, 1}, "layers"
		}), tensors},
		{with(func(c map[string]any) { c["target_modules"], c["bias"], c["r"], c["lora_alpha"] = ".*", "all", 1, 1 }), hand},
		{with(func(c map[string]any) { c["lora_alpha"], c["r"] = 1e-320, 1<<40 }), tensors},
	}
}
