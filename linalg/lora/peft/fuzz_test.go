package peft

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

// FuzzFolder feeds the two files of a folder: whatever they hold, reading ends in a folder
// that can be written and read again as itself, or in an error that names its file.
func FuzzFolder(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed.config, seed.tensors)
	}
	f.Fuzz(func(t *testing.T, config, tensors []byte) {
		file, err := safetensors.Parse(tensors)
		if err != nil {
			file = &safetensors.File{}
		}
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
	})
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
