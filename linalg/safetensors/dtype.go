package safetensors

import (
	"fmt"
	"math"
	"math/bits"
)

// widths gives the bytes of one number, for every type that the format's version 0.6
// names and that fills whole bytes. The two float8 types can be carried, not converted.
var widths = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8,
}

// Width is the number of bytes that one number of the type takes, and whether the type
// is one of the format's.
func Width(dtype string) (int, bool) {
	w, ok := widths[dtype]
	return w, ok
}

// Len is the number of numbers in the tensor, the product of its shape.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// sizeBytes is what a tensor of that type and shape must occupy. It guards against
// products that overflow: a lying header must not wrap around to a small number.
func sizeBytes(dtype string, shape []int) (int, error) {
	w, ok := Width(dtype)
	if !ok {
		return 0, fmt.Errorf("dtype %q is not one of the format's (F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL)", dtype)
	}
	size := uint64(w)
	empty := false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("shape %v has a negative side", shape)
		}
		if d == 0 {
			empty = true
			continue
		}
		hi, lo := bits.Mul64(size, uint64(d))
		if hi != 0 || lo > math.MaxInt {
			return 0, fmt.Errorf("shape %v is larger than memory can be", shape)
		}
		size = lo
	}
	if empty {
		return 0, nil
	}
	return int(size), nil
}
