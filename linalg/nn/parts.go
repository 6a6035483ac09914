package nn

import "fmt"

// parts is a model without its numbers: which tensors a checkpoint has and where each goes,
// which linear maps there are and which modules are rows of them, and how they make up
// blocks. A family builds it from a [Config]; it is never changed afterwards. Maps and
// vectors are known by number, so that models, runners and gradients are slices of the
// same length.
type parts struct {
	slots   []slot
	linears []*linear
	vectors int // gains, biases and tables
	modules []Module

	embed, positions, types *table
	embedNorm               *norm
	blocks                  []block
	final                   *norm   // nil: none
	head                    *linear // nil: none
	answer                  *answer // nil: none
	patches                 *patches
	pair                    *pair          // of an encoder-decoder, which has no blocks; nil: none
	distances               *distanceTable // nil: none
}

// slot is one tensor of a checkpoint.
type slot struct {
	name  string
	shape []int
	why   string  // the keys of config.json behind the shape
	fresh float32 // what a vector begins with in a new model; matrices are drawn
	to    place
	owner int // number of the linear or of the vector
	at    int // first row of the map, or first number of the vector
}

// place is the kind of thing a slot fills.
type place uint8

const (
	toMap    place = iota // rows at… of a linear's weight
	toVector              // numbers at… of a vector
)

// linear is y = x·Wᵀ + bias, where W may be the rows of several modules that read the
// same input.
type linear struct {
	id      int
	in, out int
	conv    bool // stored In×Out, as GPT-2 has it
	bias    int  // vector; −1: none
	block   int  // the block it is part of; len(blocks) for what comes after them
	stage   int  // its turn in the block: gradients flow down to the lowest that is trained
	also    int  // rows at most that it maps behind those of a batch: vectors of distances
}

// norm is a norm's gain and bias.
type norm struct {
	gain, bias int // vectors; bias −1: none
	width      int
}

// table is rows to look up: a vector, or (tied to a head) the rows of a map.
type table struct {
	vector int
	tied   *linear
	width  int
	rows   int
}

// block is one transformer block. nil parts are left out.
type block struct {
	qkv, o, up, down *linear // up holds gate and up where there is a gate
	norm1, norm2     *norm
	qnorm, knorm     *norm
	window           int
}

// stages of a block, in the order in which data pass through them.
const (
	stageQKV = iota
	stageOut
	stageUp
	stageDown
	stages
)

// owned is a tensor's rows within a map: what a checkpoint calls a layer.
type owned struct {
	ours, hf, why string
	out           int
}

// linear adds a map of these layers, one below the other. Each has a weight hf+".weight",
// and with bias a vector hf+".bias".
func (p *parts) linear(in int, conv, bias bool, layers ...owned) *linear {
	l := &linear{id: len(p.linears), in: in, conv: conv, bias: -1}
	for _, o := range layers {
		l.out += o.out
	}
	if bias {
		l.bias = p.vectors
		p.vectors++
	}
	p.linears = append(p.linears, l)
	first := 0
	for _, o := range layers {
		shape := []int{o.out, in}
		if conv {
			shape = []int{in, o.out}
		}
		p.slots = append(p.slots, slot{name: o.hf + ".weight", shape: shape, why: o.why, to: toMap, owner: l.id, at: first})
		if bias {
			p.slots = append(p.slots, slot{name: o.hf + ".bias", shape: []int{o.out}, why: o.why, to: toVector, owner: l.bias, at: first})
		}
		p.modules = append(p.modules, Module{Name: o.ours, HF: o.hf, Out: o.out, In: in, Conv: conv, linear: l, at: first})
		first += o.out
	}
	return l
}

// split adds modules that are rows of the last module added: "3.q" of "3.qkv".
func (p *parts) split(layers ...owned) {
	whole := p.modules[len(p.modules)-1]
	first := 0
	for _, o := range layers {
		p.modules = append(p.modules, Module{Name: o.ours, HF: whole.HF, Out: o.out, In: whole.In, Conv: whole.Conv,
			Of: whole.Name, First: first, linear: whole.linear, at: whole.at + first})
		first += o.out
	}
}

// vector adds a tensor of numbers that are used as they are.
func (p *parts) vector(name, why string, fresh float32, shape ...int) int {
	p.slots = append(p.slots, slot{name: name, shape: shape, why: why, fresh: fresh, to: toVector, owner: p.vectors})
	p.vectors++
	return p.vectors - 1
}

// norm adds a norm of the config's kind, with the parameters hf+".weight" and, for
// LayerNorm, hf+".bias".
func (p *parts) norm(c Config, hf, why string, width int) *norm {
	fresh := float32(1)
	if c.Norm == GemmaNorm {
		fresh = 0
	}
	n := &norm{gain: p.vector(hf+".weight", why, fresh, width), bias: -1, width: width}
	if c.Norm == LayerNorm {
		n.bias = p.vector(hf+".bias", why, 0, width)
	}
	return n
}

// table adds rows to look up, drawn like a matrix in a new model.
func (p *parts) table(hf, why string, rows, width int) *table {
	return &table{vector: p.vector(hf+".weight", why, 0, rows, width), width: width, rows: rows}
}

// tie adds a table whose rows are the weight of a head without bias.
func (p *parts) tie(hf, head, why string, rows, width int) (*table, *linear) {
	l := p.linear(width, false, false, owned{head, hf, why, rows})
	p.modules[len(p.modules)-1].HF = head
	return &table{vector: -1, tied: l, width: width, rows: rows}, l
}

// place sets where in the model a block's maps are, for the way back.
func (b *block) place(l int) {
	for stage, m := range []*linear{stageQKV: b.qkv, stageOut: b.o, stageUp: b.up, stageDown: b.down} {
		m.block, m.stage = l, stage
	}
}

// partsOf builds the parts of a checked config.
func partsOf(c Config) *parts {
	f, ok := families[c.Family]
	if !ok {
		panic(fmt.Sprintf("nn: parts of a config of family %q, which Check refuses", c.Family))
	}
	return f.parts(c)
}
