package peft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Merger puts a folder into the tensors of its base, file by file: layers are added to their
// weights, saved tensors take the place of the base's, and all else stays as it is. Every
// tensor keeps its dtype, rounded once. Of a base whose head is its embedding, see [Merger.Untie].
type Merger struct {
	// AsSaved leaves saved tensors in their own dtype, for a model in memory.
	AsSaved bool

	folder *Folder
	conv1D bool
	table  string          // the base's embedding that is its head as well, if the two are to part
	head   string          // what the head of its own is called
	done   map[string]bool // parameters of the folder that have found their tensor
}

// conv1Ds are the maps that GPT-2 and its kin store in×out. Their heads lie as everywhere.
var conv1Ds = []string{"c_attn", "q_attn", "c_proj", "c_fc"}

// NewMerger merges into a base of that model_type: GPT-2 and its kin store the maps of their
// blocks in×out (Conv1D), whatever fan_in_fan_out says.
func NewMerger(f *Folder, modelType string) (*Merger, error) {
	if f.Config.Moved() {
		return nil, f.Config.errMoved()
	}
	conv := slices.Contains([]string{"gpt2", "openai-gpt", "imagegpt", "decision_transformer"}, modelType)
	return &Merger{folder: f, conv1D: conv, done: map[string]bool{}}, nil
}

// Untie says that the base has one table for embedding and head, and what a head of its own would
// be called. Where the folder changes one of the two, as PEFT does it, the head gets a tensor
// behind the table, and untied is true: config.json must then say so.
func (m *Merger) Untie(table, head string) (untied bool) {
	changes := func(name string) bool { return same(table, name) || name == head }
	untied = slices.ContainsFunc(m.folder.Saved, func(s Saved) bool { return changes(s.Name) }) ||
		slices.ContainsFunc(m.folder.Layers, func(l Layer) bool { return changes(l.Module + ".weight") })
	if untied {
		m.table, m.head = table, head
	}
	return untied
}

// Merge gives the tensors of one file of the base as they are after merging.
func (m *Merger) Merge(ts []safetensors.Tensor) ([]safetensors.Tensor, error) {
	if i := slices.IndexFunc(ts, func(t safetensors.Tensor) bool { return m.table != "" && same(t.Name, m.table) }); i >= 0 {
		own := ts[i]
		own.Name = m.head
		ts = append(slices.Clip(ts), own)
	}
	out := slices.Clone(ts)
	for i, t := range ts {
		if s, ok := m.saved(t.Name); ok {
			if !slices.Equal(s.Tensor.Shape, t.Shape) && !rowsOnly(s.Tensor.Shape, t.Shape) {
				return nil, fmt.Errorf("tensor %q of the base has shape %v, and the adapter's %v: it is for another base", t.Name, t.Shape, s.Tensor.Shape)
			}
			var err error
			if t, err = m.replaced(t, s.Tensor); err != nil {
				return nil, err
			}
			out[i] = t
		}
		path, kind, ok := m.layer(t.Name)
		if !ok {
			continue
		}
		l, _ := m.folder.Layer(path)
		var err error
		if kind == "weight" {
			out[i], err = m.weight(l, t)
		} else {
			out[i], err = biased(l, t)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Left names the parameters that no tensor of the base was found for, after all files.
func (m *Merger) Left() []string {
	var left []string
	for _, l := range m.folder.Layers {
		if !m.done[l.Module+".weight"] {
			left = append(left, l.Module+".weight")
		}
		if l.Bias != nil && !m.done[l.Module+".bias"] {
			left = append(left, l.Module+".bias")
		}
	}
	for _, s := range m.folder.Saved {
		if !m.done["saved "+s.Name] {
			left = append(left, s.Name)
		}
	}
	return left
}

// same says whether a checkpoint's tensor is the parameter of that name. Published files often
// lack the model's prefix ("h.0.attn…" for "transformer.h.0.attn…").
func same(tensor, parameter string) bool {
	_, short, _ := strings.Cut(parameter, ".")
	return tensor == parameter || strings.Contains(short, ".") && tensor == short
}

func (m *Merger) saved(tensor string) (Saved, bool) {
	for _, s := range m.folder.Saved {
		if same(tensor, s.Name) {
			m.done["saved "+s.Name] = true
			return s, true
		}
	}
	return Saved{}, false
}

// rowsOnly says whether two matrices differ in their rows alone: a head has as many as there are
// classes, a table as there are tokens.
func rowsOnly(a, b []int) bool { return len(a) == 2 && len(b) == 2 && a[1] == b[1] }

// replaced is a saved tensor under the name of the base's.
func (m *Merger) replaced(base, saved safetensors.Tensor) (safetensors.Tensor, error) {
	if m.AsSaved {
		saved.Name = base.Name
		return saved, nil
	}
	data, err := saved.Floats()
	if err != nil {
		return saved, err
	}
	return safetensors.FromFloats(base.Name, base.DType, saved.Shape, data)
}

// layer finds the layer to which a tensor belongs as its weight or its bias.
func (m *Merger) layer(tensor string) (path, kind string, ok bool) {
	for _, l := range m.folder.Layers {
		for _, kind := range []string{"weight", "bias"} {
			if name := l.Module + "." + kind; same(tensor, name) && (kind == "weight" || l.Bias != nil) {
				m.done[name] = true
				return l.Module, kind, true
			}
		}
	}
	return "", "", false
}

func (m *Merger) weight(l Layer, t safetensors.Tensor) (safetensors.Tensor, error) {
	if len(t.Shape) != 2 {
		return t, fmt.Errorf("tensor %q of the base has shape %v, expected a matrix: it carries an adapter", t.Name, t.Shape)
	}
	data, err := t.Floats64()
	if err != nil {
		return t, err
	}
	w := linalg.Dense{Rows: t.Shape[0], Cols: t.Shape[1], Data: data}
	turned := m.conv1D && slices.Contains(conv1Ds, l.Module[strings.LastIndexByte(l.Module, '.')+1:]) || l.Embedding
	if turned {
		w = w.T()
	}
	w, err = l.Merged(w)
	if err != nil {
		return t, err
	}
	if turned {
		w = w.T()
	}
	return safetensors.FromFloats(t.Name, t.DType, t.Shape, w.Narrow())
}

func biased(l Layer, t safetensors.Tensor) (safetensors.Tensor, error) {
	data, err := t.Floats64()
	if err != nil {
		return t, err
	}
	b, err := l.MergedBias(data)
	if err != nil {
		return t, err
	}
	return safetensors.FromFloats(t.Name, t.DType, t.Shape, linalg.Dense{Data: b}.Narrow())
}
