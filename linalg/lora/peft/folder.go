package peft

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Folder is an adapter folder, read and found consistent.
type Folder struct {
	Config Config
	Layers []Layer // in ascending order of paths
	Saved  []Saved // in the order of the file
	// Meta is what the tensors' file says of itself beside its format. PEFT passes over it.
	Meta map[string]string
	// Odd is what a reader should know though it is no error, a sentence each.
	Odd []string
}

// Layer is the adapter of one module. The pair's module is the path in the Hugging Face
// model. Pair has neither a start nor a dense change.
type Layer struct {
	lora.Pair
	Alpha float64 // of which the scale was made: alpha/rank, with rsLoRA alpha/√rank
	// Embedding says that the module is an embedding: In is the vocabulary, Out the width,
	// and the change of its weight, vocabulary×width, is the transpose of Delta.
	Embedding bool
	Magnitude []float32 // DoRA's m, one per output; nil without
	Bias      []float32 // lora_B.bias, one per output, scaled like B; nil without
}

// Saved is a tensor that takes the place of the base's: a bias, a head, an embedding.
type Saved struct {
	Name   string // of the base's parameter: "classifier.weight"
	Tensor safetensors.Tensor
}

// Layer returns the layer of that path.
func (f *Folder) Layer(path string) (Layer, bool) {
	i, ok := slices.BinarySearchFunc(f.Layers, path, byPath)
	if !ok {
		return Layer{}, false
	}
	return f.Layers[i], true
}

func byPath(l Layer, path string) int {
	switch {
	case l.Module < path:
		return -1
	case l.Module > path:
		return 1
	}
	return 0
}

// Factors are those of all layers as one adapter whose modules are paths. It is an error
// where the folder has more than factors, or factors that belong to a base of their own;
// embeddings are fine.
func (f *Folder) Factors() (lora.Adapter, error) {
	if f.Config.Moved() {
		return nil, f.Config.errMoved()
	}
	if what := f.beyondFactors(); what != "" {
		return nil, fmt.Errorf("%s: it has %s: factors alone cannot hold that; merge the folder into its base instead", TensorsFile, what)
	}
	return f.pairs(), nil
}

func (f *Folder) pairs() (a lora.Adapter) {
	for _, l := range f.Layers {
		a = append(a, l.Pair)
	}
	return a
}

// Merged is the weight with the layer's change in it. w is out×in, also of an embedding and
// of GPT-2's Conv1D, which checkpoints store the other way round. With DoRA (Liu et al.
// 2024), the rows of W + Δ are then made as long as the magnitudes say.
func (l Layer) Merged(w linalg.Dense) (linalg.Dense, error) {
	if w.Rows != l.Out || w.Cols != l.In {
		return linalg.Dense{}, fmt.Errorf("module %q of the base is %d×%d (out×in), and the adapter's is %d×%d: it is for another base", l.Module, w.Rows, w.Cols, l.Out, l.In)
	}
	sum := l.Delta()
	sum.Add(1, w)
	if l.Magnitude == nil {
		return sum, nil
	}
	for i := range sum.Rows {
		row := sum.Row(i)
		norm := linalg.Norm(row)
		if norm == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
			return linalg.Dense{}, fmt.Errorf("module %q: row %d of the merged weight has norm %v: DoRA cannot give it a length", l.Module, i, norm)
		}
		for j := range row {
			row[j] *= float64(l.Magnitude[i]) / norm
		}
	}
	return sum, nil
}

// MergedBias is the bias with the layer's part of it: b + s·lora_B.bias.
func (l Layer) MergedBias(b []float64) ([]float64, error) {
	if len(b) != l.Out {
		return nil, fmt.Errorf("module %q of the base has %d biases, expected %d, one per output", l.Module, len(b), l.Out)
	}
	out := slices.Clone(b)
	for i, x := range l.Bias {
		out[i] += float64(l.Scale * float64(x))
	}
	return out, nil
}

// beyondFactors says in words what the folder has that factors cannot hold; "" where there is
// nothing. The weight that PEFT saves with a targeted embedding is the base's own.
func (f *Folder) beyondFactors() string {
	for _, l := range f.Layers {
		switch {
		case l.Magnitude != nil:
			return "DoRA's magnitudes, as of module " + l.Module
		case l.Bias != nil:
			return "biases of the factors (lora_bias), as of module " + l.Module
		}
	}
	for _, s := range f.Saved {
		path, _ := strings.CutSuffix(s.Name, ".weight")
		if l, ok := f.Layer(path); !ok || !l.Embedding {
			return "whole tensors of the base, as " + s.Name
		}
	}
	return ""
}
