package nn

import (
	"fmt"
	"strings"

	"github.com/loramesh/loramesh/linalg"
)

// Module is one linear map, the unit that adapters attach to: a layer of the checkpoint,
// or rows of one where a checkpoint keeps several in one (GPT-2's c_attn). The embedding
// is one too, from the one-hot vector of a token: its weight is Width×Vocab, the turned
// table.
type Module struct {
	Name    string // "3.q": block 3; "lm_head" outside the blocks
	HF      string // "model.layers.3.self_attn.q_proj"
	Out, In int
	// Of names the module of which this is rows First…First+Out−1 only; "": it is a whole
	// layer, and HF is its own name.
	Of    string
	First int
	Conv  bool // the checkpoint stores the layer In×Out

	linear *linear // nil: a table
	at     int     // first row in the map
}

// Modules lists all linear maps in the order in which data pass through them: the
// embedding, block by block, the head.
func (c Config) Modules() []Module {
	return append([]Module(nil), partsOf(c).ordered()...)
}

// ordered puts a tied head behind the blocks, where it is used.
func (p *parts) ordered() []Module {
	for i, m := range p.modules {
		if m.linear != nil && m.linear == p.head && i < len(p.modules)-1 {
			rest := append(p.modules[:i:i], p.modules[i+1:]...)
			return append(rest, m)
		}
	}
	return p.modules
}

// locate finds a module by its name.
func (p *parts) locate(name string) (Module, error) {
	for _, m := range p.modules {
		if m.Name == name {
			return m, nil
		}
	}
	block, _, ok := strings.Cut(name, ".")
	if !ok || strings.Trim(block, "0123456789") != "" || block == "" {
		return Module{}, fmt.Errorf("%q is no module; expected %s", name, p.words())
	}
	for _, m := range p.modules {
		if strings.HasPrefix(m.Name, block+".") {
			return Module{}, fmt.Errorf("module %q: the model has no such one; expected %s", name, p.words())
		}
	}
	return Module{}, fmt.Errorf("module %q: the model has blocks 0 … %d", name, p.lastBlock())
}

// lastBlock is the number of the last block, 0 if there is none.
func (p *parts) lastBlock() int {
	last := 0
	for _, m := range p.modules {
		var l int
		if _, err := fmt.Sscanf(m.Name, "%d.", &l); err == nil {
			last = max(last, l)
		}
	}
	return last
}

// words lists what modules are called: those of a block, and those outside.
func (p *parts) words() string {
	var inside, outside []string
	seen := map[string]bool{}
	for _, m := range p.modules {
		word, ok := strings.CutPrefix(m.Name, "0.")
		switch {
		case ok:
			inside = append(inside, word)
		case strings.Trim(m.Name[:1], "0123456789") != "" && !seen[m.Name]:
			outside = append(outside, m.Name)
		}
		seen[m.Name] = true
	}
	text := fmt.Sprintf("a block and one of %s, as in \"0.%s\"", strings.Join(inside, ", "), inside[0])
	if len(outside) > 0 {
		text += ", or " + strings.Join(outside, ", ")
	}
	return text
}

// Select lists the modules that any of the patterns matches, in the model's order. A
// pattern is one of [linalg.Match]; where its NAME is "*" it means whole layers (PEFT's
// all-linear), and rows of layers are taken by name. A pattern that matches none is an
// error.
func (c Config) Select(patterns []string) ([]Module, error) {
	p := partsOf(c)
	all := p.ordered()
	taken := make([]bool, len(all))
	for _, pattern := range patterns {
		hit := false
		every := pattern == "*" || strings.HasSuffix(pattern, ".*")
		for i, m := range all {
			ok, err := linalg.Match(pattern, m.Name)
			if err != nil {
				return nil, err
			}
			ok = ok && !(every && m.Of != "")
			taken[i] = taken[i] || ok
			hit = hit || ok
		}
		if !hit {
			return nil, fmt.Errorf("module pattern %q matches nothing; the model has blocks 0 … %d; expected %s", pattern, p.lastBlock(), p.words())
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
