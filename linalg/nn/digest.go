package nn

import (
	"encoding/binary"
	"fmt"
	"io"
)

// digestChunk is how many numbers are written at a time.
const digestChunk = 1 << 14

// Digest writes all weights to w, row by row in the model's own order, behind their names and
// shapes: what a hash needs to tell two models apart, without a tensor being unpacked whole.
func (m *Model) Digest(w io.Writer) error {
	row, buf := []float32(nil), make([]byte, 0, 4*digestChunk)
	write := func(x []float32) error {
		for ; len(x) > 0; x = x[min(len(x), digestChunk):] {
			var err error
			if buf, err = binary.Append(buf[:0], binary.LittleEndian, x[:min(len(x), digestChunk)]); err != nil {
				return err
			}
			if _, err = w.Write(buf); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range m.slots {
		if _, err := fmt.Fprintf(w, "%s %v\n", s.name, s.shape); err != nil {
			return err
		}
		n := product(s.shape)
		if s.to == toVector {
			if err := write(m.data[s.owner][s.at : s.at+n]); err != nil {
				return err
			}
			continue
		}
		l := m.linears[s.owner]
		grow(&row, l.in)
		for i := range n / l.in {
			m.maps[l.id].forward.Row(row, s.at+i)
			if err := write(row); err != nil {
				return err
			}
		}
	}
	return nil
}
