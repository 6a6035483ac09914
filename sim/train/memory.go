package train

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// memory is what a Fit that resumes goes on from: the optimiser's moments, how many updates
// and examples lie behind, and the seed by which the examples are ordered. Two Fits of which
// the second resumes are then one of both lengths.
type memory struct {
	optimiser nn.Optimiser
	draw      uint64 // names the order of the data, and dropout
	updates   int    // made by the Fits before
	examples  int    // that they went through
	of        string // the names of all that is trained, in order
}

// kindMemory marks the tensors of a memory.
const kindMemory = "optimiser"

// recall is the memory that a Fit begins with: the one kept, if it is to go on from it and
// there is one yet, else none.
func (t *Trainer) recall(j job, f method.Fit, params []nn.Param) (*memory, error) {
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = fmt.Sprintf("%s:%d", p.Name, len(p.Value))
	}
	m := &memory{optimiser: optimiserOf(f.Optimiser), draw: j.draw, of: strings.Join(names, " ")}
	b := method.KeptAs(j.req.Kept, method.KeptOptimiser)
	if !f.Resume || b == "" {
		return m, nil
	}
	x, err := t.blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return m, m.read(x)
}

// read takes what was kept, if it is of the same parameters.
func (m *memory) read(x method.Tensors) (err error) {
	if x.Meta["kind"] != kindMemory {
		return fmt.Errorf("what is kept under %q is of kind %q", method.KeptOptimiser, x.Meta["kind"])
	}
	if x.Meta["of"] != m.of {
		return fmt.Errorf("the kept optimiser remembers the parameters %.60s… and the Fit that resumes trains %.60s…: train the same parts at the same ranks, or do not resume", x.Meta["of"], m.of)
	}
	if m.draw, err = strconv.ParseUint(x.Meta["draw"], 10, 64); err != nil {
		return fmt.Errorf("the kept optimiser: %w", err)
	}
	moments := m.optimiser.Memory()
	for name, into := range map[string]*int{"updates": &m.updates, "examples": &m.examples, "steps": &moments.Steps} {
		if *into, err = strconv.Atoi(x.Meta[name]); err != nil {
			return fmt.Errorf("the kept optimiser: %w", err)
		}
	}
	for _, t := range x.List {
		own := append([]float32(nil), t.Data...)
		if t.Name == "first" {
			moments.First = own
		} else {
			moments.Second = own
		}
	}
	return nil
}

// tensors is the memory as it is kept.
func (m *memory) tensors() method.Tensors {
	moments := m.optimiser.Memory()
	out := method.Tensors{Meta: map[string]string{"kind": kindMemory, "of": m.of, "draw": strconv.FormatUint(m.draw, 10),
		"updates": strconv.Itoa(m.updates), "examples": strconv.Itoa(m.examples), "steps": strconv.Itoa(moments.Steps)}}
	for _, x := range []method.Tensor{{Name: "first", Data: moments.First}, {Name: "second", Data: moments.Second}} {
		if x.Data != nil { // SGD remembers less than AdamW
			x.Shape = []int{len(x.Data)}
			out.List = append(out.List, x)
		}
	}
	return out
}

// dropout draws the masks of a Fit: those of one that resumes are not those of the first.
func (m *memory) dropout() *rng.Stream {
	key := rng.New(m.draw).At("dropout")
	if m.updates > 0 {
		key = key.At(m.updates)
	}
	return key.Stream()
}
