package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg"
)

// Model is frozen weights with their shape. Nothing changes it after it is made, so any
// number of Runners share it; see [Runner.TrainBase] for how weights are trained.
type Model struct {
	config  Config
	weights weights
}

// weights holds the tensors of a model, or gradients of them, in the order of layout:
// embedding; per block the seven modules and two norms; the final norm; the head, if
// untied.
type weights [][]float32

const perBlock = int(kinds) + 2

func (w weights) embed() []float32               { return w[0] }
func (w weights) module(l int, k kind) []float32 { return w[1+l*perBlock+int(k)] }
func (w weights) norm1(l int) []float32          { return w[1+l*perBlock+int(kinds)] }
func (w weights) norm2(l int) []float32          { return w[1+l*perBlock+int(kinds)+1] }

func (w weights) final(c Config) []float32 { return w[1+c.Layers*perBlock] }

// head is Vocab×Width; a tied one is the embedding.
func (w weights) head(c Config) []float32 {
	if c.Tied {
		return w.embed()
	}
	return w[2+c.Layers*perBlock]
}

// slot is a tensor's Hugging Face name and shape, and the words that explain the shape.
type slot struct {
	name  string
	shape []int
	why   string
}

// layout lists the tensors that a model of this shape has.
func (c Config) layout() []slot {
	width := fmt.Sprintf("hidden_size %d", c.Width)
	vocab := fmt.Sprintf("vocab_size %d, hidden_size %d", c.Vocab, c.Width)
	out := []slot{{"model.embed_tokens.weight", []int{c.Vocab, c.Width}, vocab}}
	for l := range c.Layers {
		for k := range kinds {
			rows, cols := c.sides(k)
			out = append(out, slot{fmt.Sprintf("model.layers.%d.%s.weight", l, kindNames[k].hf), []int{rows, cols}, c.explain(k)})
		}
		for _, norm := range []string{"input_layernorm", "post_attention_layernorm"} {
			out = append(out, slot{fmt.Sprintf("model.layers.%d.%s.weight", l, norm), []int{c.Width}, width})
		}
	}
	out = append(out, slot{"model.norm.weight", []int{c.Width}, width})
	if !c.Tied {
		out = append(out, slot{headName, []int{c.Vocab, c.Width}, vocab})
	}
	return out
}

const headName = "lm_head.weight"

// explain names the keys of config.json behind a module's shape.
func (c Config) explain(k kind) string {
	heads := fmt.Sprintf("num_attention_heads %d × head_dim %d", c.Heads, c.HeadDim)
	width := fmt.Sprintf("hidden_size %d", c.Width)
	inner := fmt.Sprintf("intermediate_size %d", c.Inner)
	switch k {
	case kindQ:
		return heads + ", " + width
	case kindK, kindV:
		return fmt.Sprintf("num_key_value_heads %d × head_dim %d, %s", c.KVHeads, c.HeadDim, width)
	case kindO:
		return width + ", " + heads
	case kindDown:
		return width + ", " + inner
	}
	return inner + ", " + width
}

// Config is the model's shape.
func (m *Model) Config() Config { return m.config }

// Modules lists the linear maps that adapters attach to.
func (m *Model) Modules() []Module { return m.config.Modules() }

// Weight is the Out×In weight of a module, row-major. It is the model's own memory:
// read it, never write it.
func (m *Model) Weight(module string) ([]float32, error) {
	l, k, err := m.config.locate(module)
	if err != nil {
		return nil, err
	}
	return m.weights.module(l, k), nil
}

// Tensors gives all weights under their Hugging Face names, ready to be written beside a
// config.json. The data are the model's own memory.
func (m *Model) Tensors() linalg.Tensors {
	t := linalg.Tensors{Meta: map[string]string{"format": "pt"}}
	for i, s := range m.config.layout() {
		t.List = append(t.List, linalg.Tensor{Name: s.name, Shape: s.shape, Data: m.weights[i]})
	}
	return t
}

// clone is a model with memory of its own.
func (m *Model) clone() *Model {
	own := &Model{config: m.config, weights: make(weights, len(m.weights))}
	for i, w := range m.weights {
		own.weights[i] = append([]float32(nil), w...)
	}
	return own
}
