package data

import (
	"fmt"
	"maps"
	"math"
	"strings"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// The codes in which numbers may travel. [Int8] has one scale a tensor, max|x|/127, and rounds
// up by chance so that the mean is the number itself (Alistarh et al. 2017, QSGD, §3).
const (
	Float16  = "f16"
	BFloat16 = "bf16"
	Int8     = "int8"
)

// encodeKey is where tensors that have travelled in a code say so.
const encodeKey = "encode"

// Encode is what arrives of tensors that travel in a code; draw names the chances of Int8.
// Starting factors, which the receiver has, stay what they are, and so does a tensor with a
// number in it that is none.
func Encode(t linalg.Tensors, code string, draw rng.Key) linalg.Tensors {
	out := linalg.Tensors{Meta: maps.Clone(t.Meta), List: make([]linalg.Tensor, len(t.List))}
	if out.Meta == nil {
		out.Meta = map[string]string{}
	}
	out.Meta[encodeKey] = code
	for i, x := range t.List {
		if Moves(x.Name) {
			x.Data = encoded(x.Data, code, draw.At(x.Name))
		}
		out.List[i] = x
	}
	return out
}

// Moves says whether a tensor of what is uploaded was made, rather than being where a factor
// started.
func Moves(name string) bool {
	return !strings.HasSuffix(name, ".A0") && !strings.HasSuffix(name, ".B0")
}

func encoded(x []float32, code string, draw rng.Key) []float32 {
	out := make([]float32, len(x))
	switch code {
	case Float16, BFloat16:
		dtype := map[string]string{Float16: "F16", BFloat16: "BF16"}[code]
		for i, v := range x {
			out[i] = safetensors.Rounded(dtype, v)
		}
	case Int8:
		largest := float32(0)
		for _, v := range x {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				return x
			}
			largest = max(largest, v, -v)
		}
		scale, chance := largest/127, draw.Stream()
		for i, v := range x {
			if scale > 0 {
				q := math.Floor(float64(v/scale) + chance.Float64())
				out[i] = float32(min(max(q, -127), 127)) * scale
			}
		}
	default:
		panic(fmt.Sprintf("data: no numbers travel as %q", code))
	}
	return out
}

// TravelBytes is what travels of tensors: their numbers, four bytes each or as many as their
// code takes, with a scale of four for each tensor of [Int8], and the text of examples.
func TravelBytes(t linalg.Tensors) int64 {
	n := TextBytes(t)
	for _, x := range t.List {
		code := ""
		if Moves(x.Name) {
			code = t.Meta[encodeKey]
		}
		n += perNumber[code]*int64(len(x.Data)) + perTensor[code]
	}
	return n
}

// Bytes of a number, and of a tensor beside its numbers, by code; "" is none.
var (
	perNumber = map[string]int64{"": 4, Float16: 2, BFloat16: 2, Int8: 1}
	perTensor = map[string]int64{Int8: 4}
)

// PerNumber is how many bytes a number takes that travels in a code; "" is none.
func PerNumber(code string) int64 { return perNumber[code] }
