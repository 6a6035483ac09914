package nn

import "fmt"

// names are what a family calls its tensors, without ".weight" and ".bias"; those of a
// block stand behind its prefix. Families whose blocks are made of the same things differ
// in these alone.
type names struct {
	embed, positions, types, embedNorm string
	block                              string // "model.layers.%d."
	q, k, v, qkv, o                    string // qkv: the three are one layer
	qnorm, knorm                       string
	gate, up, down                     string
	norm1, norm2                       string
	final, head                        string
	conv                               bool
}

// parts lists a model's tensors in the order in which they are written.
func (n names) parts(c Config) *parts {
	p := &parts{}
	width := fmt.Sprintf("hidden_size %d", c.Width)
	vocab := fmt.Sprintf("vocab_size %d, %s", c.Vocab, width)
	if c.Image != (Image{}) {
		p.pictures(c, n.embed)
	} else if c.Tied {
		p.embed, p.head = p.tie(n.embed, n.head, vocab, c.Vocab, c.Width)
	} else {
		p.embed = p.table(n.embed, vocab, c.Vocab, c.Width)
	}
	if p.embed != nil {
		p.modules = append([]Module{{Name: "embed", HF: n.embed, Out: c.Width, In: c.Vocab}}, p.modules...)
	}
	if c.Learned && c.Image == (Image{}) {
		rows := c.MaxPositions + c.PositionOffset
		p.positions = p.table(n.positions, fmt.Sprintf("positions %d, %s", rows, width), rows, c.Width)
	}
	if c.Types > 0 {
		p.types = p.table(n.types, fmt.Sprintf("type_vocab_size %d, %s", c.Types, width), c.Types, c.Width)
	}
	if c.EmbedNorm {
		p.embedNorm = p.norm(c, n.embedNorm, width, c.Width)
	}
	for l := range c.Layers {
		p.blocks = append(p.blocks, n.blockOf(c, p, l))
	}
	if n.final != "" {
		p.final = p.norm(c, n.final, width, c.Width)
	}
	if !c.Tied && !c.Headless {
		p.head = p.linear(c.Width, false, false, owned{n.head, n.head, vocab, c.Vocab})
	}
	if p.head != nil {
		p.head.block = c.Layers
	}
	return p
}

func (n names) blockOf(c Config, p *parts, l int) block {
	hf, ours := fmt.Sprintf(n.block, l), func(name string) string { return fmt.Sprintf("%d.%s", l, name) }
	width := fmt.Sprintf("hidden_size %d", c.Width)
	heads := fmt.Sprintf("num_attention_heads %d × head_dim %d", c.Heads, c.HeadDim)
	keys := fmt.Sprintf("num_key_value_heads %d × head_dim %d, %s", c.KVHeads, c.HeadDim, width)
	inner := fmt.Sprintf("intermediate_size %d", c.Inner)

	var b block
	three := []owned{{ours("q"), hf + n.q, heads + ", " + width, c.wide()}, {ours("k"), hf + n.k, keys, c.narrow()}, {ours("v"), hf + n.v, keys, c.narrow()}}
	if n.qkv != "" {
		b.qkv = p.linear(c.Width, n.conv, c.QKVBias, owned{ours("qkv"), hf + n.qkv, heads + ", " + width, c.wide() + 2*c.narrow()})
		p.split(three...)
	} else {
		b.qkv = p.linear(c.Width, n.conv, c.QKVBias, three...)
	}
	b.o = p.linear(c.wide(), n.conv, c.OutBias, owned{ours("o"), hf + n.o, width + ", " + heads, c.Width})
	up := []owned{{ours("up"), hf + n.up, inner + ", " + width, c.Inner}}
	if c.Gated {
		up = append([]owned{{ours("gate"), hf + n.gate, inner + ", " + width, c.Inner}}, up...)
	}
	b.up = p.linear(c.Width, n.conv, c.MLPBias, up...)
	b.down = p.linear(c.Inner, n.conv, c.MLPBias, owned{ours("down"), hf + n.down, width + ", " + inner, c.Width})
	b.norm1, b.norm2 = p.norm(c, hf+n.norm1, width, c.Width), p.norm(c, hf+n.norm2, width, c.Width)
	if c.QKNorm {
		head := fmt.Sprintf("head_dim %d", c.HeadDim)
		b.qnorm, b.knorm = p.norm(c, hf+n.qnorm, head, c.HeadDim), p.norm(c, hf+n.knorm, head, c.HeadDim)
	}
	b.window = c.window(l)
	b.place(l)
	return b
}
