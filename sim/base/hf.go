package base

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
	"github.com/loramesh/loramesh/sim/data"
)

// FromFolder reads a Hugging Face folder: config.json, tokenizer.json, and weights as
// model.safetensors or as the shards that model.safetensors.index.json names.
func FromFolder(title, dir string, files data.Files) (*Base, error) {
	read := func(file string) ([]byte, error) {
		b, err := files.ReadFile(filepath.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s has no %s; a Hugging Face folder has config.json, model.safetensors and tokenizer.json", dir, file)
		}
		return b, err
	}
	fail := func(file string, err error) error { return fmt.Errorf("%s: %w", filepath.Join(dir, file), err) }

	text, err := read("config.json")
	if err != nil {
		return nil, err
	}
	config, err := nn.ParseConfig(text)
	if err != nil {
		return nil, fail("config.json", err)
	}
	tensors, err := weights(dir, read)
	if err != nil {
		return nil, err
	}
	model, err := nn.Load(config, tensors)
	if err != nil {
		return nil, fail("model.safetensors", err)
	}
	text, err = read("tokenizer.json")
	if err != nil {
		return nil, err
	}
	tok, err := tokenizer.Parse(text)
	if err != nil {
		return nil, fail("tokenizer.json", err)
	}
	if tok.Vocab() > config.Vocab {
		return nil, fail("tokenizer.json", fmt.Errorf("it has %d tokens, and config.json says vocab_size %d: the two do not belong together", tok.Vocab(), config.Vocab))
	}
	hash, err := name(model)
	if err != nil {
		return nil, err
	}
	return &Base{Name: title, Model: model, Tokenizer: tok, Context: config.MaxPositions, Blob: hash}, nil
}

// weights reads one file, or the shards of an index in order of their names.
func weights(dir string, read func(string) ([]byte, error)) ([]safetensors.Tensor, error) {
	shards := []string{"model.safetensors"}
	if index, err := read("model.safetensors.index.json"); err == nil {
		var x struct {
			WeightMap map[string]string `json:"weight_map"`
		}
		if err := json.Unmarshal(index, &x); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "model.safetensors.index.json"), err)
		}
		shards = slices.Compact(slices.Sorted(maps.Values(x.WeightMap)))
	}
	var all []safetensors.Tensor
	for _, shard := range shards {
		b, err := read(shard)
		if err != nil {
			return nil, err
		}
		f, err := safetensors.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, shard), err)
		}
		all = append(all, f.Tensors...)
	}
	return all, nil
}
