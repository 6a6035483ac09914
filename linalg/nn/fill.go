package nn

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// fill reads every tensor once, in the order of the slots. The weight of a map is put
// together from its slots, laid out, and dropped before the next is read.
func (m *Model) fill(byName map[string]source) error {
	sizes := make([]int, m.vectors)
	for _, s := range m.slots {
		if s.to == toVector {
			sizes[s.owner] += product(s.shape)
		}
	}
	formats := m.formats(byName)
	var raw kernel.Matrix // of the map that is being put together
	var raw16 []uint16
	for _, s := range m.slots {
		if s.to != toVector && formats[s.owner] != kernel.Float32 {
			l := m.linears[s.owner]
			if s.at == 0 {
				raw16 = make([]uint16, l.in*l.out)
			}
			if err := fill16(raw16[s.at*l.in:], byName[s.name]); err != nil {
				return err
			}
			if product(s.shape) == l.in*l.out || s.at+s.shape[0] == l.out {
				m.maps[l.id] = pack16(raw16, l, formats[s.owner])
			}
			continue
		}
		data, err := read(byName[s.name])
		if err != nil {
			return err
		}
		if s.to == toVector {
			m.put(s, data, sizes[s.owner])
			continue
		}
		if m.rounds != kernel.Float32 {
			if err := roundable(s.name, data, m.rounds); err != nil {
				return err
			}
		}
		l := m.linears[s.owner]
		whole := kernel.Of(data, s.shape[0], len(data)/s.shape[0])
		if len(data) == l.in*l.out {
			m.maps[l.id] = m.pack(whole, l.conv)
			continue
		}
		if s.at == 0 {
			raw = kernel.Of(make([]float32, l.in*l.out), l.out, l.in)
		}
		copy(raw.Data[s.at*l.in:], data)
		if s.at+s.shape[0] == l.out {
			m.maps[l.id] = m.pack(raw, false)
		}
	}
	return nil
}

// read gives a tensor's numbers if they are numbers.
func read(s source) ([]float32, error) {
	data, err := s.read()
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if i := notFinite(data); i >= 0 {
		return nil, fmt.Errorf("weights: tensor %q has %g at place %d; every weight must be a finite number: was the file cut off or the training diverged?", s.name, data[i], i)
	}
	return data, nil
}

// put fills a vector, or its share of one that several tensors make up.
func (m *Model) put(s slot, data []float32, size int) {
	if len(data) == size {
		m.data[s.owner] = data
		return
	}
	if m.data[s.owner] == nil {
		m.data[s.owner] = make([]float32, size)
	}
	copy(m.data[s.owner][s.at:], data)
}

// notFinite is the first place of a number that is none, or −1. A difference of a number
// with itself is 0 for all others.
func notFinite(data []float32) int {
	for i, x := range data {
		if x-x != 0 {
			return i
		}
	}
	return -1
}
