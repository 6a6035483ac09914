package nn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg"
)

// Module is one linear map of one block, the unit that adapters attach to. Its weight is
// Out×In, as checkpoints store it.
type Module struct {
	Name    string // "3.q": block 3
	HF      string // "model.layers.3.self_attn.q_proj"
	Out, In int
}

// kind numbers the linear maps of a block in the order in which data pass through them.
type kind int

const (
	kindQ kind = iota
	kindK
	kindV
	kindO
	kindGate
	kindUp
	kindDown
	kinds
)

// kindNames are ours and Hugging Face's, by kind.
var kindNames = [kinds]struct{ ours, hf string }{
	{"q", "self_attn.q_proj"}, {"k", "self_attn.k_proj"}, {"v", "self_attn.v_proj"}, {"o", "self_attn.o_proj"},
	{"gate", "mlp.gate_proj"}, {"up", "mlp.up_proj"}, {"down", "mlp.down_proj"},
}

const kindList = "q, k, v, o, gate, up, down"

// sides gives a module's shape.
func (c Config) sides(k kind) (out, in int) {
	switch k {
	case kindQ:
		return c.Heads * c.HeadDim, c.Width
	case kindK, kindV:
		return c.KVHeads * c.HeadDim, c.Width
	case kindO:
		return c.Width, c.Heads * c.HeadDim
	case kindGate, kindUp:
		return c.Inner, c.Width
	case kindDown:
		return c.Width, c.Inner
	}
	panic(fmt.Sprintf("nn: no module of kind %d", k))
}

// Modules lists all linear maps of the blocks, block by block, q k v o gate up down.
func (c Config) Modules() []Module {
	out := make([]Module, 0, c.Layers*int(kinds))
	for l := range c.Layers {
		for k := range kinds {
			rows, cols := c.sides(k)
			out = append(out, Module{fmt.Sprintf("%d.%s", l, kindNames[k].ours), fmt.Sprintf("model.layers.%d.%s", l, kindNames[k].hf), rows, cols})
		}
	}
	return out
}

// locate finds block and kind of a module's name.
func (c Config) locate(name string) (layer int, k kind, err error) {
	block, word, ok := strings.Cut(name, ".")
	layer, bad := strconv.Atoi(block)
	if !ok || bad != nil || strconv.Itoa(layer) != block {
		return 0, 0, fmt.Errorf("%q is no module; expected a block and one of %s, as in \"0.q\"", name, kindList)
	}
	if layer < 0 || layer >= c.Layers {
		return 0, 0, fmt.Errorf("module %q: the model has blocks 0 … %d", name, c.Layers-1)
	}
	for k := range kinds {
		if kindNames[k].ours == word {
			return layer, k, nil
		}
	}
	return 0, 0, fmt.Errorf("module %q: %q is none of %s", name, word, kindList)
}

// Select lists the modules that any of the patterns matches, in the model's order. A
// pattern that matches none is an error.
func (c Config) Select(patterns []string) ([]Module, error) {
	all := c.Modules()
	taken := make([]bool, len(all))
	for _, p := range patterns {
		hit := false
		for i, m := range all {
			ok, err := linalg.Match(p, m.Name)
			if err != nil {
				return nil, err
			}
			taken[i] = taken[i] || ok
			hit = hit || ok
		}
		if !hit {
			return nil, fmt.Errorf("module pattern %q matches nothing; the model has blocks 0 … %d, each with %s", p, c.Layers-1, kindList)
		}
	}
	var out []Module
	for i, m := range all {
		if taken[i] {
			out = append(out, m)
		}
	}
	return out, nil
}
