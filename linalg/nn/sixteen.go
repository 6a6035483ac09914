package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// formats are the types of tensors whose numbers are held as they are, in 16 bits.
var formats = map[string]kernel.Format{"BF16": kernel.BFloat16, "F16": kernel.Float16}

// Held is how many bytes the weights of such tensors take in memory, for forward passes and
// once something is trained, when linear maps are held a second time. Numbers are not read.
func Held(c Config, ts []safetensors.Tensor, form Form) (forward, training int, err error) {
	c, byName, err := gather(c, sources(ts))
	if err != nil {
		return 0, 0, err
	}
	m := &Model{config: c, parts: partsOf(c)}
	maps := 0
	for id, f := range m.formats(byName) {
		width := 4
		if f != kernel.Float32 || form != (Form{}) {
			width = 2
		}
		maps += width * m.linears[id].in * m.linears[id].out
	}
	for _, s := range m.slots {
		if s.to == toVector {
			forward += 4 * product(s.shape)
		}
	}
	return forward + maps, forward + 2*maps, nil
}

// formats gives, by linear, the format in which its weight is read and held: the one of its
// tensors, or float32 where they differ or are to be rounded.
func (m *Model) formats(byName map[string]source) []kernel.Format {
	found := make([]kernel.Format, len(m.linears))
	if m.rounds != kernel.Float32 {
		return found
	}
	for _, s := range m.slots {
		if s.to == toVector {
			continue
		}
		f := byName[s.name].format
		if s.at == 0 {
			found[s.owner] = f
		} else if found[s.owner] != f {
			found[s.owner] = kernel.Float32
		}
	}
	return found
}

// fill16 puts a tensor's bits into its place in a map's weight, if they are numbers.
func fill16(to []uint16, s source) error {
	bits, err := s.bits()
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	for i, x := range bits {
		if !s.format.Finite(x) {
			return fmt.Errorf("weights: tensor %q has no number at place %d (%v bits %#04x); every weight must be a finite number: was the file cut off or the training diverged?", s.name, i, s.format, x)
		}
	}
	copy(to, bits)
	return nil
}

// pack16 lays out a weight of 16 bits: Out×In, or In×Out if the map is stored so.
func pack16(w []uint16, l *linear, f kernel.Format) *packed {
	if l.conv {
		return &packed{forward: kernel.PackNN16(kernel.Of16(w, l.in, l.out, f))}
	}
	return &packed{forward: kernel.PackNT16(kernel.Of16(w, l.out, l.in, f))}
}
