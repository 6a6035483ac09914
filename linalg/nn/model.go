package nn

import (
	"fmt"
	"slices"
	"sync"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Model is frozen weights with their shape. Nothing changes it after it is made, so any
// number of Runners share it; see [Runner.TrainBase] for how weights are trained.
//
// Linear weights are held once, in the form in which products read them; what a way back
// needs besides is made when the first one comes, and shared. Weights of a file in bf16 or
// f16 stay in these 16 bits and are widened, exactly, as a product reads them; what is
// trained or changed is held in float32. So it is with a model that rounds ([Form]), whatever
// the file has.
type Model struct {
	config Config
	*parts
	maps []*packed   // by linear
	data [][]float32 // by vector
	gain [][]float32 // by vector: gains as they multiply, where that is not how they are stored
	// rounds is the format of maps whose products round both sides, or float32; see [Form].
	rounds kernel.Format
}

// packed is the weight of a linear, laid out for products.
type packed struct {
	forward *kernel.Panels // for y = x·Wᵀ
	once    sync.Once
	back    *kernel.Panels // for dx = dy·W
}

// pack lays out a weight that was read: Out×In, or In×Out if conv.
func (m *Model) pack(w kernel.Matrix, conv bool) *packed {
	switch {
	case m.rounds == kernel.Float32:
		return pack(w, conv)
	case m.rounds == kernel.RoundedHalf:
		return packHalves(w, conv)
	case conv:
		return &packed{forward: kernel.PackRoundedNN(w)}
	}
	return &packed{forward: kernel.PackRoundedNT(w)}
}

// packHalves lays out a weight whose products are of halves.
func packHalves(w kernel.Matrix, conv bool) *packed {
	bits := make([]uint16, 0, w.Rows*w.Cols)
	for i := range w.Rows {
		for _, x := range w.Row(i) {
			bits = append(bits, safetensors.Half(x))
		}
	}
	half := kernel.Of16(bits, w.Rows, w.Cols, kernel.Float16)
	if conv {
		return &packed{forward: kernel.PackNN16(half).RoundLeft()}
	}
	return &packed{forward: kernel.PackNT16(half).RoundLeft()}
}

// pack lays out a weight in float32.
func pack(w kernel.Matrix, conv bool) *packed {
	if conv {
		return &packed{forward: kernel.PackNN(w)}
	}
	return &packed{forward: kernel.PackNT(w)}
}

// backward is the layout for the way back, made once.
func (p *packed) backward() *kernel.Panels {
	p.once.Do(func() {
		if p.back == nil {
			p.back = p.forward.Turned()
		}
	})
	return p.back
}

// again lays out a weight that changed, in the same memory.
func (p *packed) again(w kernel.Matrix, conv bool) {
	if conv {
		p.forward.PackNN(w)
	} else {
		p.forward.PackNT(w)
	}
	if p.back == nil {
		return
	}
	if conv {
		p.back.PackNT(w)
	} else {
		p.back.PackNN(w)
	}
}

// Config is the model's shape.
func (m *Model) Config() Config { return m.config }

// Modules lists the linear maps that adapters attach to.
func (m *Model) Modules() []Module { return slices.Clone(m.ordered()) }

// Weight is a module's weight, Out×In and row-major whatever way the checkpoint has it.
// The memory is the caller's.
func (m *Model) Weight(module string) ([]float32, error) {
	x, err := m.locate(module)
	if err != nil {
		return nil, err
	}
	out := make([]float32, x.Out*x.In)
	if x.linear == nil {
		row := make([]float32, x.Out)
		for id := range x.In {
			m.look(m.embed, row, id)
			for i, v := range row {
				out[i*x.In+id] = v
			}
		}
		return out, nil
	}
	for i := range x.Out {
		m.maps[x.linear.id].forward.Row(out[i*x.In:(i+1)*x.In], x.at+i)
	}
	return out, nil
}

// Bias is a module's bias, nil if it has none. It is the model's own memory: read it,
// never write it.
func (m *Model) Bias(module string) ([]float32, error) {
	x, err := m.locate(module)
	if err != nil || x.linear == nil || x.linear.bias < 0 {
		return nil, err
	}
	return m.data[x.linear.bias][x.at : x.at+x.Out], nil
}

// Tensors gives all weights under their Hugging Face names and in their shapes, ready to
// be written beside a config.json.
func (m *Model) Tensors() linalg.Tensors {
	t := linalg.Tensors{Meta: map[string]string{"format": "pt"}}
	for _, s := range m.Sources() {
		t.List = append(t.List, linalg.Tensor{Name: s.Name, Shape: s.Shape, Data: s.Data()})
	}
	return t
}

// Sources is Tensors one by one, each unpacked when it is asked for, so that a large model
// can be written or hashed without a second copy of it.
func (m *Model) Sources() []safetensors.Source {
	var list []safetensors.Source
	for _, s := range m.slots {
		list = append(list, safetensors.Source{Name: s.name, Shape: s.shape, Data: func() []float32 { return m.tensor(s) }})
	}
	return list
}

// tensor is the content of a slot.
func (m *Model) tensor(s slot) []float32 {
	n := product(s.shape)
	if s.to == toVector {
		return m.data[s.owner][s.at : s.at+n]
	}
	l := m.linears[s.owner]
	if l.conv { // such a map is one tensor
		return m.weight(l).Data
	}
	out := make([]float32, n)
	for i := range s.shape[0] {
		m.maps[l.id].forward.Row(out[i*l.in:(i+1)*l.in], s.at+i)
	}
	return out
}

// weight unpacks the weight of a linear, in the form in which checkpoints store it.
func (m *Model) weight(l *linear) kernel.Matrix {
	w := m.maps[l.id].forward.Unpack()
	if l.conv {
		return transposed(w)
	}
	return w
}

func transposed(w kernel.Matrix) kernel.Matrix {
	out := kernel.Of(make([]float32, w.Rows*w.Cols), w.Cols, w.Rows)
	for i := range w.Rows {
		for j, x := range w.Row(i) {
			out.Data[j*out.Stride+i] = x
		}
	}
	return out
}

// derive fills the gains that are stored otherwise than they multiply.
func (m *Model) derive() {
	m.gain = slices.Clone(m.data)
	if m.config.Norm != GemmaNorm {
		return
	}
	for _, n := range m.norms() {
		g := make([]float32, n.width)
		for i, w := range m.data[n.gain] {
			g[i] = 1 + w
		}
		m.gain[n.gain] = g
	}
}

// norms lists all norms of a model.
func (p *parts) norms() (all []*norm) {
	all = append(all, p.embedNorm, p.final)
	if p.distances != nil {
		all = append(all, p.distances.norm)
	}
	for _, b := range p.blocks {
		all = append(all, b.norm1, b.norm2, b.qnorm, b.knorm)
	}
	return slices.DeleteFunc(all, func(n *norm) bool { return n == nil })
}

// With is the model with other numbers in some of its tensors, by their Hugging Face
// names: an adapter that brings a head of its own. All else is shared.
func (m *Model) With(t linalg.Tensors) (*Model, error) {
	own := *m
	own.maps, own.data = slices.Clone(m.maps), slices.Clone(m.data)
	for _, x := range t.List {
		i := slices.IndexFunc(m.slots, func(s slot) bool { return s.name == x.Name })
		if i < 0 {
			return nil, fmt.Errorf("tensor %q is none of the model's", x.Name)
		}
		s := m.slots[i]
		if !slices.Equal(x.Shape, s.shape) {
			return nil, fmt.Errorf("tensor %q has shape %v; the model has %v (%s)", x.Name, x.Shape, s.shape, s.why)
		}
		if at := notFinite(x.Data); at >= 0 {
			return nil, fmt.Errorf("tensor %q has %g at place %d; every weight must be a finite number", x.Name, x.Data[at], at)
		}
		own.replace(s, x.Data)
	}
	own.derive()
	return &own, nil
}

// replace puts numbers into the place of a slot, in memory that m does not share.
func (m *Model) replace(s slot, data []float32) {
	if s.to == toVector {
		m.data[s.owner] = slices.Clone(m.data[s.owner])
		copy(m.data[s.owner][s.at:], data)
		return
	}
	l := m.linears[s.owner]
	w := m.weight(l)
	copy(w.RowRange(s.at, w.Rows).Data, data)
	m.maps[l.id] = pack(w, l.conv)
}
