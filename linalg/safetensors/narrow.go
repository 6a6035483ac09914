package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// FromFloats makes a tensor of float32 numbers in the dtype F32, BF16 or F16, rounded to
// nearest even. A finite number that F16 or BF16 cannot hold is an error rather than an
// infinity. F32 shares memory with data where the machine is little endian.
func FromFloats(name, dtype string, shape []int, data []float32) (Tensor, error) {
	t := Tensor{Name: name, DType: dtype, Shape: slices.Clone(shape)}
	var narrow func(float32) uint16
	switch dtype {
	case "F32":
		t.Bytes = bytes32(data)
		return t, nil
	case "BF16":
		narrow = toBF16
	case "F16":
		narrow = toF16
	default:
		return t, fmt.Errorf("tensor %q: cannot write floats as %q, expected F32, BF16 or F16", name, dtype)
	}
	t.Bytes = make([]byte, 0, 2*len(data))
	for i, x := range data {
		bits := narrow(x)
		if finite := !math.IsInf(float64(x), 0) && !math.IsNaN(float64(x)); finite && infinite(dtype, bits) {
			return t, fmt.Errorf("tensor %q: number %d is %g, which %s cannot hold", name, i, x, dtype)
		}
		t.Bytes = binary.LittleEndian.AppendUint16(t.Bytes, bits)
	}
	return t, nil
}

// Rounded is x as F16 or BF16 holds it, rounded to nearest even; what is too large is infinite.
func Rounded(dtype string, x float32) float32 {
	switch dtype {
	case "BF16":
		return math.Float32frombits(uint32(toBF16(x)) << 16)
	case "F16":
		return half(toF16(x))
	}
	panic(fmt.Sprintf("safetensors: rounding to %q, expected F16 or BF16", dtype))
}

// Half is the bits of x rounded to F16, to nearest even; what is too large is infinite.
func Half(x float32) uint16 { return toF16(x) }

func infinite(dtype string, bits uint16) bool {
	if dtype == "BF16" {
		return bits&0x7fff >= 0x7f80
	}
	return bits&0x7fff >= 0x7c00
}

// toBF16 keeps the upper half of a float32. Adding just under half of what is cut off, and
// the last bit that stays, rounds to nearest even.
func toBF16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40 // stays NaN even where only low bits said so
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// toF16 rounds to IEEE 754 binary16, to subnormals and infinity as well.
func toF16(x float32) uint16 {
	b := math.Float32bits(x)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00
	case b >= 0x47800000: // 2¹⁶ and more
		return sign | 0x7c00
	case b >= 0x38800000: // normal from 2⁻¹⁴ on: thirteen bits go, and the exponent's bias
		return sign | uint16((b+0xfff+b>>13&1-112<<23)>>13)
	}
	// Subnormal: a whole number of 2⁻²⁴. The addition rounds it into the low bits of 0.5.
	half := math.Float32frombits(b) + 0.5
	return sign | uint16(math.Float32bits(half)-0x3f000000)
}
