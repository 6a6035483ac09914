package nn

import (
	"fmt"
	"strconv"
	"strings"
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

// Match says whether a module's name fits a pattern: "*" (all), "*.q" (q of every block),
// "4-7.v" (blocks 4 to 7), "3.*", "3.q".
func Match(pattern, name string) (bool, error) {
	lo, hi, word, err := parsePattern(pattern)
	if err != nil {
		return false, err
	}
	block, kind, ok := strings.Cut(name, ".")
	n, bad := strconv.Atoi(block)
	if !ok || bad != nil {
		return false, fmt.Errorf("%q is no module; expected a block and one of %s, as in \"0.q\"", name, kindList)
	}
	return n >= lo && n <= hi && (word == "*" || word == kind), nil
}

// parsePattern gives the range of blocks and the kind ("*": all).
func parsePattern(pattern string) (lo, hi int, word string, err error) {
	const all = int(^uint(0) >> 1)
	if pattern == "*" {
		return 0, all, "*", nil
	}
	blocks, word, ok := strings.Cut(pattern, ".")
	known := word == "*"
	for _, k := range kindNames {
		known = known || word == k.ours
	}
	if !ok || !known {
		return 0, 0, "", fmt.Errorf("module pattern %q: expected blocks, a dot and one of %s, as in \"*.q\", \"4-7.v\", \"3.*\", or \"*\" for all", pattern, kindList)
	}
	if blocks == "*" {
		return 0, all, word, nil
	}
	from, to, isRange := strings.Cut(blocks, "-")
	if !isRange {
		to = from
	}
	lo, err1 := strconv.Atoi(from)
	hi, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || lo < 0 || hi < lo {
		return 0, 0, "", fmt.Errorf("module pattern %q: blocks %q are neither *, a number, nor a range as 4-7", pattern, blocks)
	}
	return lo, hi, word, nil
}

// Select lists the modules that any of the patterns matches, in the model's order. A
// pattern that matches none is an error.
func (c Config) Select(patterns []string) ([]Module, error) {
	all := c.Modules()
	taken := make([]bool, len(all))
	for _, p := range patterns {
		hit := false
		for i, m := range all {
			ok, err := Match(p, m.Name)
			if err != nil {
				return nil, err
			}
			taken[i] = taken[i] || ok
			hit = hit || ok
		}
		if !hit {
			return nil, fmt.Errorf("module pattern %q matches nothing; the model has blocks 0 … %d", p, c.Layers-1)
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
