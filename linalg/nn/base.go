package nn

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// base is a model's own weights in training. Its methods on nil are those of a frozen one.
type base struct {
	raw     []kernel.Matrix // by linear, as checkpoints store them; no data: frozen
	grads   []kernel.Matrix
	rows    [][]span    // by linear: the outputs that are trained
	vectors [][]float32 // by vector: gradients; nil: frozen
}

// clone is a model with vectors of its own, sharing maps until they are trained.
func (m *Model) clone() (*Model, *base) {
	own := *m
	own.maps, own.data = slices.Clone(m.maps), make([][]float32, len(m.data))
	for i, v := range m.data {
		own.data[i] = slices.Clone(v)
	}
	own.derive()
	n := len(m.linears)
	return &own, &base{raw: make([]kernel.Matrix, n), grads: make([]kernel.Matrix, n), rows: make([][]span, n), vectors: make([][]float32, len(m.data))}
}

// train gives a tensor's numbers and the room for their gradient.
func (b *base) train(m *Model, s slot) (value, grad []float32) {
	n := product(s.shape)
	if s.to == toVector {
		if b.vectors[s.owner] == nil {
			b.vectors[s.owner] = make([]float32, len(m.data[s.owner]))
		}
		return m.data[s.owner][s.at : s.at+n : s.at+n], b.vectors[s.owner][s.at : s.at+n : s.at+n]
	}
	l := m.linears[s.owner]
	if b.raw[l.id].Data == nil {
		b.raw[l.id] = m.weight(l)
		b.grads[l.id] = kernel.Of(make([]float32, l.in*l.out), b.raw[l.id].Rows, b.raw[l.id].Cols)
		m.maps[l.id] = pack(b.raw[l.id], l.conv)
	}
	if l.conv {
		b.rows[l.id] = []span{{0, l.out}}
		return b.raw[l.id].Data, b.grads[l.id].Data
	}
	lo, hi := s.at, s.at+s.shape[0]
	if have := b.rows[l.id]; len(have) > 0 && have[len(have)-1].hi == lo {
		have[len(have)-1].hi = hi
	} else {
		b.rows[l.id] = append(have, span{lo, hi})
	}
	return b.raw[l.id].RowRange(lo, hi).Data, b.grads[l.id].RowRange(lo, hi).Data
}

// refresh lays out the weights that an optimiser may have moved.
func (b *base) refresh(m *Model) {
	for id, w := range b.raw {
		if w.Data != nil {
			m.maps[id].again(w, m.linears[id].conv)
		}
	}
	if m.config.Norm != GemmaNorm {
		return
	}
	for _, n := range m.norms() {
		for i, w := range m.data[n.gain] {
			m.gain[n.gain][i] = 1 + w
		}
	}
}

// trains says whether a map's weight is trained.
func (b *base) trains(id int) bool { return b != nil && b.raw[id].Data != nil }

// vector is the gradient of a vector; nil: frozen, or there is none.
func (b *base) vector(i int) []float32 {
	if b == nil || i < 0 {
		return nil
	}
	return b.vectors[i]
}

// weight adds to the gradient of a map's weight.
func (b *base) weight(m *linear, dy, x kernel.Matrix) {
	if !b.trains(m.id) {
		return
	}
	if m.conv {
		kernel.TN(&b.grads[m.id], &x, &dy, true)
		return
	}
	for _, s := range b.rows[m.id] {
		kernel.TN(ref(b.grads[m.id].RowRange(s.lo, s.hi)), ref(dy.ColRange(s.lo, s.hi)), &x, true)
	}
}

// look adds to the gradient of a row of a table.
func (b *base) look(t *table, row int, dx []float32) {
	if b == nil || t == nil {
		return
	}
	if t.tied == nil {
		if g := b.vector(t.vector); g != nil {
			kernel.Add(g[row*t.width:(row+1)*t.width], dx)
		}
	} else if b.trains(t.tied.id) {
		kernel.Add(b.grads[t.tied.id].Row(row), dx)
	}
}

// trainsEntry says whether any embedding, or its norm, is trained.
func (b *base) trainsEntry(p *parts) bool {
	for _, t := range []*table{p.embed, p.positions, p.types} {
		if t != nil && (b.vector(t.vector) != nil || t.tied != nil && b.trains(t.tied.id)) {
			return true
		}
	}
	if p.patches != nil && (b.vector(p.patches.class) != nil || b.trains(p.patches.project.id) || b.vector(p.patches.project.bias) != nil) {
		return true
	}
	return b.trainsNorm(p.embedNorm)
}

func (b *base) trainsNorm(n *norm) bool {
	return n != nil && (b.vector(n.gain) != nil || b.vector(n.bias) != nil)
}

// lowest is the depth down to which gradients must flow for norms, biases and embeddings.
// A norm before a map wants the gradient of that map's input; one behind a map, that of
// its output.
func (b *base) lowest(c *Config, p *parts) int {
	if b.trainsEntry(p) {
		return -1
	}
	low := depth(len(p.blocks), stages)
	first, second := -1, stageOut // depths in the block of what the norms want
	if c.Post {
		first, second = stageOut, stageDown
	}
	for l, x := range p.blocks {
		if b.trainsNorm(x.norm1) {
			low = min(low, depth(l, first))
		}
		if b.trainsNorm(x.norm2) {
			low = min(low, depth(l, second))
		}
		if b.trainsNorm(x.qnorm) || b.trainsNorm(x.knorm) {
			low = min(low, depth(l, stageQKV))
		}
	}
	if b.trainsDistances(p.distances) {
		low = min(low, depth(0, stageQKV))
	}
	for _, m := range p.linears {
		if b.vector(m.bias) != nil {
			low = min(low, depth(m.block, m.stage))
		}
	}
	return low
}
