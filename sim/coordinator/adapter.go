package coordinator

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
)

// content is what the machine knows of a blob that it has opened.
type content struct {
	bytes   int64 // that travel
	numbers int64
	adapter bool
	factors bool   // of an adapter, with whatever they came from
	corrupt string // the first tensor with a number in it that is none
	whole   bool   // there is none
}

// look opens a blob of which none of those who are asked knows. The first remembers what it finds.
func (m *Machine) look(b method.Blob, first Seen, others ...Seen) (content, error) {
	if x, known := first[b]; known {
		return x, nil
	}
	for _, other := range others {
		if x, known := other[b]; known {
			return x, nil
		}
	}
	defer m.blobs.Hold()()
	x, err := read(m.blobs, b)
	if err == nil {
		first[b] = x
	}
	return x, err
}

// Seen is what was found in blobs of reports by somebody else, so that the machine need not
// open them: it may be busy meanwhile. What is found in a blob depends on nothing but its
// name.
type Seen map[method.Blob]content

// Look opens a blob, which the caller holds. One that cannot be opened is left to the machine, which says why.
func (s Seen) Look(blobs method.Blobs, b method.Blob) {
	if x, err := read(blobs, b); err == nil {
		s[b] = x
	}
}

// Note looks at the tensors of a blob that somebody has in hand.
func (s Seen) Note(b method.Blob, t method.Tensors) { s.Add(b, See(t)) }

// Sight is what was found in a blob that may have no name yet.
type Sight struct{ content }

// See looks at the tensors of a blob.
func See(t method.Tensors) Sight { return Sight{contentOf(t)} }

// Add notes what was found in a blob.
func (s Seen) Add(b method.Blob, x Sight) { s[b] = x.content }

// Move takes what is known of a blob over from another, which forgets it; false: it knew nothing.
func (s Seen) Move(from Seen, b method.Blob) bool {
	x, known := from[b]
	if known {
		s[b] = x
		delete(from, b)
	}
	return known
}

func read(blobs method.Blobs, b method.Blob) (content, error) {
	t, err := blobs.Open(b)
	if err != nil {
		return content{}, err
	}
	return contentOf(t), nil
}

func contentOf(t method.Tensors) content {
	x := content{bytes: data.TravelBytes(t), adapter: lora.Is(t), factors: lora.Is(t) || lora.IsFactors(t) || lora.IsDora(t)}
	for _, n := range t.List {
		x.numbers += int64(len(n.Data))
	}
	i := slices.IndexFunc(t.List, func(x method.Tensor) bool { return !finite(x.Data) })
	if x.whole = i < 0; !x.whole {
		x.corrupt = t.List[i].Name
	}
	return x
}

// finite says whether all numbers are: 0 times any of the others is none, and stays none
// in a sum.
func finite(data []float32) bool {
	var room [128]float32
	for len(data) > 0 {
		n := min(len(data), len(room))
		kernel.AddScaled(room[:n], 0, data[:n])
		data = data[n:]
	}
	sum := float32(0)
	for _, v := range room {
		sum += v
	}
	return sum == 0
}

// ModelOf is the model that a recipe works on; has is false of a Sample that asks none.
func ModelOf(r method.Recipe) (x method.Model, has bool) {
	switch r := r.(type) {
	case method.Fit:
		return r.Model, true
	case method.Score:
		return r.Model, true
	case method.Probe:
		return r.Model, true
	case method.Sample:
		return r.Model, r.Logits
	}
	panic(fmt.Sprintf("coordinator: a %s has no model that is known here", method.Name(r)))
}

// fit says why an adapter, or single factors of one, cannot be added to a base.
func (m *Machine) fit(a lora.Factors, base string) error {
	i := slices.IndexFunc(m.fixed.Bases, func(b method.Base) bool { return b.Name == base })
	if i < 0 {
		return fmt.Errorf("the trial has no base %q", base)
	}
	for _, p := range a {
		j := slices.IndexFunc(m.fixed.Bases[i].Modules, func(x method.Module) bool { return x.Name == p.Module })
		if j < 0 {
			return fmt.Errorf("base %q has no module %q", base, p.Module)
		}
		// of a single factor only one side is known
		if x := m.fixed.Bases[i].Modules[j]; p.Out != 0 && x.Out != p.Out || p.In != 0 && x.In != p.In {
			return fmt.Errorf("module %s is %d×%d in the adapter and %d×%d in base %q", p.Module, p.Out, p.In, x.Out, x.In, base)
		}
	}
	return nil
}

// fitting is a blob that is to be attached to a base.
type fitting struct {
	blob method.Blob
	base string
}

// attachable says why a blob cannot be attached to a base. It is looked at once.
func (m *Machine) attachable(b method.Blob, base string) error {
	key := fitting{b, base}
	if err, known := m.fits[key]; known {
		return err
	}
	defer m.blobs.Hold()()
	t, err := m.blobs.Open(b)
	switch {
	case err != nil:
	case !lora.Is(t) && !lora.IsFactors(t) && !lora.IsDora(t):
		err = fmt.Errorf("it is no adapter, and only adapters are attached by this version")
	default:
		var a lora.Factors
		if a, err = lora.ParseFactors(t); err == nil {
			err = m.fit(a, base)
		}
	}
	m.fits[key] = err
	return err
}

// adapter opens a blob, and says whether it is one. The caller holds: the adapter is the store's memory.
func (m *Machine) adapter(b method.Blob) (lora.Adapter, bool, error) {
	t, err := m.blobs.Open(b)
	if err != nil || !lora.Is(t) {
		return nil, false, err
	}
	a, err := lora.Parse(t)
	return a, true, err
}
