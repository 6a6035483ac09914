package base

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/loramesh/loramesh/linalg/safetensors"
)

const (
	oneFile   = "model.safetensors"
	indexFile = "model.safetensors.index.json"
)

// weights are the tensors of a folder: of the one file, or of the shards of an index.
func (f folder) weights() ([]safetensors.Tensor, error) {
	b, err := f.read(oneFile)
	if err == nil {
		return f.tensors(oneFile, b)
	}
	if !errors.As(err, &missing{}) {
		return nil, err
	}
	index, noIndex := f.read(indexFile)
	if errors.As(noIndex, &missing{}) {
		if pickled, _ := f.files.Glob(filepath.Join(f.dir, "*.bin")); len(pickled) > 0 { // a folder that is no pattern has none
			return nil, fmt.Errorf("%s has no %s, and %s is not read: load the model in Transformers and save it with save_pretrained, which writes safetensors", f.dir, oneFile, filepath.Base(pickled[0]))
		}
		return nil, err // that the one file is missing, which is the usual case
	}
	if noIndex != nil {
		return nil, noIndex
	}
	return f.shards(index)
}

// shards reads the files that an index names, in order of their names.
func (f folder) shards(index []byte) (all []safetensors.Tensor, err error) {
	var x struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(index, &x); err != nil {
		return nil, f.fault(indexFile, err)
	}
	if len(x.WeightMap) == 0 {
		return nil, f.fault(indexFile, errors.New("its weight_map names no tensor"))
	}
	in := map[string]string{} // tensor to shard
	for _, shard := range slices.Compact(slices.Sorted(maps.Values(x.WeightMap))) {
		if filepath.Base(shard) != shard || !filepath.IsLocal(shard) {
			return nil, f.fault(indexFile, fmt.Errorf("it names the shard %q; expected the name of a file in the same folder", shard))
		}
		b, err := f.read(shard)
		if errors.As(err, &missing{}) {
			return nil, f.fault(indexFile, fmt.Errorf("it names the shard %s, which is not in the folder: is the download complete?", shard))
		}
		if err != nil {
			return nil, err
		}
		tensors, err := f.tensors(shard, b)
		if err != nil {
			return nil, err
		}
		for _, t := range tensors {
			if other, twice := in[t.Name]; twice {
				return nil, f.fault(shard, fmt.Errorf("tensor %q is in %s too", t.Name, other))
			}
			in[t.Name] = shard
		}
		all = append(all, tensors...)
	}
	for _, name := range slices.Sorted(maps.Keys(x.WeightMap)) {
		if in[name] != x.WeightMap[name] {
			return nil, f.fault(indexFile, fmt.Errorf("it says that tensor %q is in %s, which does not have it", name, x.WeightMap[name]))
		}
	}
	return all, nil
}

func (f folder) tensors(file string, b []byte) ([]safetensors.Tensor, error) {
	x, err := safetensors.Parse(b)
	if err != nil {
		return nil, f.fault(file, err)
	}
	return x.Tensors, nil
}
