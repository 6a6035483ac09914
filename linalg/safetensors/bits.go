package safetensors

import (
	"encoding/binary"
	"fmt"
	"unsafe"
)

// Bits16 is the bits of an F16 or BF16 tensor, number by number. It is a view without a
// copy where the memory is aligned and the machine little endian, so the result must not
// be written to.
func (t Tensor) Bits16() ([]uint16, error) {
	if t.DType != "F16" && t.DType != "BF16" {
		return nil, fmt.Errorf("tensor %q is %s; expected numbers of 16 bits (F16, BF16)", t.Name, t.DType)
	}
	n := len(t.Bytes) / 2
	if n == 0 {
		return []uint16{}, nil
	}
	p := unsafe.Pointer(unsafe.SliceData(t.Bytes))
	if littleEndian() && uintptr(p)%2 == 0 {
		return unsafe.Slice((*uint16)(p), n), nil
	}
	out := make([]uint16, n)
	for i := range out {
		out[i] = binary.LittleEndian.Uint16(t.Bytes[2*i:])
	}
	return out, nil
}
