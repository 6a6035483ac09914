package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Floats gives the tensor as float32. F32 is a view without a copy where the memory is
// aligned and the machine little endian, so the result must not be written to. F16 and
// BF16 are exact; F64 rounds to nearest even, and a finite number that float32 cannot
// hold is an error rather than an infinity.
func (t Tensor) Floats() ([]float32, error) {
	if t.DType == "F32" {
		return view32(t.Bytes), nil
	}
	wide, err := t.Floats64()
	if err != nil {
		return nil, err
	}
	out := make([]float32, len(wide))
	for i, x := range wide {
		out[i] = float32(x)
		if math.IsInf(float64(out[i]), 0) && !math.IsInf(x, 0) {
			return nil, fmt.Errorf("tensor %q: number %d is %g, which float32 cannot hold", t.Name, i, x)
		}
	}
	return out, nil
}

// Floats64 gives a tensor of floating-point numbers as float64, always exactly and
// always as a copy.
func (t Tensor) Floats64() ([]float64, error) {
	b := t.Bytes
	var at func(i int) float64
	switch t.DType {
	case "F64":
		at = func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:])) }
	case "F32":
		at = func(i int) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))) }
	case "F16":
		at = func(i int) float64 { return float64(half(binary.LittleEndian.Uint16(b[2*i:]))) }
	case "BF16":
		at = func(i int) float64 {
			return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b[2*i:])) << 16))
		}
	default:
		return nil, fmt.Errorf("tensor %q is %s; expected floating-point numbers (F64, F32, F16, BF16)", t.Name, t.DType)
	}
	out := make([]float64, len(b)/widths[t.DType])
	for i := range out {
		out[i] = at(i)
	}
	return out, nil
}

// Ints gives a tensor of whole numbers or truth values (0 and 1).
func (t Tensor) Ints() ([]int, error) {
	b := t.Bytes
	var at func(i int) int
	switch t.DType {
	case "I64":
		at = func(i int) int { return int(int64(binary.LittleEndian.Uint64(b[8*i:]))) }
	case "U64":
		at = func(i int) int { return int(binary.LittleEndian.Uint64(b[8*i:])) }
	case "I32":
		at = func(i int) int { return int(int32(binary.LittleEndian.Uint32(b[4*i:]))) }
	case "U32":
		at = func(i int) int { return int(binary.LittleEndian.Uint32(b[4*i:])) }
	case "I16":
		at = func(i int) int { return int(int16(binary.LittleEndian.Uint16(b[2*i:]))) }
	case "U16":
		at = func(i int) int { return int(binary.LittleEndian.Uint16(b[2*i:])) }
	case "I8":
		at = func(i int) int { return int(int8(b[i])) }
	case "U8", "BOOL":
		at = func(i int) int { return int(b[i]) }
	default:
		return nil, fmt.Errorf("tensor %q is %s; expected whole numbers (I64 … U8, BOOL)", t.Name, t.DType)
	}
	out := make([]int, len(b)/widths[t.DType])
	for i := range out {
		out[i] = at(i)
		if t.DType == "U64" && out[i] < 0 {
			return nil, fmt.Errorf("tensor %q: number %d is over %d", t.Name, i, math.MaxInt)
		}
	}
	return out, nil
}

// half widens IEEE 754 binary16: sign, five bits of exponent (bias 15), ten of fraction.
func half(h uint16) float32 {
	sign := uint32(h>>15) << 31
	exp, frac := uint32(h>>10)&31, uint32(h)&1023
	switch exp {
	case 31:
		return math.Float32frombits(sign | 255<<23 | frac<<13)
	case 0: // subnormal: frac × 2⁻²⁴, a float32 of ordinary size
		f := float32(frac) * (1.0 / (1 << 24))
		return math.Float32frombits(math.Float32bits(f) | sign)
	}
	return math.Float32frombits(sign | (exp+112)<<23 | frac<<13)
}

func littleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// view32 reads bytes as float32 in place where it may, and copies otherwise.
func view32(b []byte) []float32 {
	n := len(b) / 4
	if n == 0 {
		return []float32{}
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if littleEndian() && uintptr(p)%4 == 0 {
		return unsafe.Slice((*float32)(p), n)
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return out
}

// bytes32 is the way back: the bytes of float32s, in place where the machine's order is
// the file's.
func bytes32(x []float32) []byte {
	if len(x) == 0 {
		return []byte{}
	}
	if littleEndian() {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
	}
	out := make([]byte, 0, 4*len(x))
	for _, v := range x {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
	}
	return out
}
