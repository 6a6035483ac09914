package safetensors

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

func TestTensorsSurviveTheRoundTrip(t *testing.T) {
	in := linalg.Tensors{
		Meta: map[string]string{"z": "<last> & \"quoted\"", "a": "erste"},
		List: []linalg.Tensor{
			{Name: "second.weight", Shape: []int{2, 2}, Data: []float32{1, -0.5, float32(math.Inf(1)), math.SmallestNonzeroFloat32}},
			{Name: "first", Shape: []int{}, Data: []float32{7}},
			{Name: "none", Shape: []int{0, 3}, Data: []float32{}},
		},
	}
	b, err := EncodeTensors(in)
	if err != nil {
		t.Fatal(err)
	}
	if n := 8 + binary.LittleEndian.Uint64(b); n%64 != 0 {
		t.Errorf("the data begin at byte %d; want a multiple of 64", n)
	}
	if again, _ := EncodeTensors(in); !bytes.Equal(b, again) {
		t.Error("two encodings of one value differ")
	}
	out, err := DecodeTensors(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, out) {
		t.Errorf("got %+v; want %+v", out, in)
	}
}

func TestEncodeRefusesWhatParseWould(t *testing.T) {
	for name, ts := range map[string][]Tensor{
		"size":     {{Name: "a", DType: "F32", Shape: []int{2}, Bytes: make([]byte, 4)}},
		"dtype":    {{Name: "a", DType: "F12", Shape: []int{1}, Bytes: make([]byte, 4)}},
		"negative": {{Name: "a", DType: "U8", Shape: []int{-1}}},
		"twice":    {{Name: "a", DType: "U8", Shape: []int{0}}, {Name: "a", DType: "U8", Shape: []int{0}}},
		"reserved": {{Name: "__metadata__", DType: "U8", Shape: []int{0}}},
		"utf8":     {{Name: "\xff", DType: "U8", Shape: []int{0}}},
	} {
		if _, err := Encode(nil, ts); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestFloatsConvertExactly(t *testing.T) {
	f16 := []struct {
		bits uint16
		want float64
	}{{0x3c00, 1}, {0xc000, -2}, {0x7bff, 65504}, {0x0001, math.Ldexp(1, -24)}, {0x83ff, -1023 * math.Ldexp(1, -24)},
		{0x0400, math.Ldexp(1, -14)}, {0x7c00, math.Inf(1)}, {0x8000, math.Copysign(0, -1)}, {0x3555, 0.333251953125}}
	for _, c := range f16 {
		x := Tensor{DType: "F16", Shape: []int{1}, Bytes: binary.LittleEndian.AppendUint16(nil, c.bits)}
		got, err := x.Floats64()
		if err != nil || math.Float64bits(got[0]) != math.Float64bits(c.want) {
			t.Errorf("F16 %#04x: %v, %v; want %v", c.bits, got, err, c.want)
		}
	}
	bf := Tensor{DType: "BF16", Shape: []int{1}, Bytes: []byte{0xc0, 0x3f}}
	if got, err := bf.Floats(); err != nil || got[0] != 1.5 {
		t.Errorf("BF16 0x3fc0: %v, %v; want 1.5", got, err)
	}
	wide := Tensor{Name: "w", DType: "F64", Shape: []int{1}, Bytes: binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))}
	if _, err := wide.Floats(); err == nil {
		t.Error("1e300 became a float32 without an error")
	}
	odd := append([]byte{9}, bytes32([]float32{3, 4})...)[1:]
	if got, _ := (Tensor{DType: "F32", Shape: []int{2}, Bytes: odd}).Floats(); got[0] != 3 || got[1] != 4 {
		t.Errorf("unaligned F32: %v", got)
	}
}

func TestIntsCoverEveryWidth(t *testing.T) {
	for dtype, c := range map[string]struct {
		bytes []byte
		want  int
	}{
		"I64": {[]byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, -2}, "U64": {[]byte{1, 0, 0, 0, 1, 0, 0, 0}, 1<<32 + 1},
		"I32": {[]byte{0xff, 0xff, 0xff, 0xff}, -1}, "U32": {[]byte{0xff, 0xff, 0xff, 0xff}, 1<<32 - 1},
		"I16": {[]byte{0, 0x80}, -1 << 15}, "U16": {[]byte{0, 0x80}, 1 << 15},
		"I8": {[]byte{0x80}, -128}, "U8": {[]byte{0x80}, 128}, "BOOL": {[]byte{1}, 1},
	} {
		got, err := Tensor{DType: dtype, Shape: []int{1}, Bytes: c.bytes}.Ints()
		if err != nil || len(got) != 1 || got[0] != c.want {
			t.Errorf("%s: %v, %v; want %d", dtype, got, err, c.want)
		}
	}
	if _, err := (Tensor{DType: "F32", Bytes: make([]byte, 4)}).Ints(); err == nil {
		t.Error("F32 read as whole numbers")
	}
	if _, err := (Tensor{DType: "I32", Bytes: make([]byte, 4)}).Floats(); err == nil {
		t.Error("I32 read as floating point")
	}
}

// Writing one tensor at a time gives the bytes of encoding them all.
func TestWriteTensorsEqualsEncode(t *testing.T) {
	x := linalg.Tensors{Meta: map[string]string{"b": "2", "a": "1"}, List: []linalg.Tensor{
		{Name: "one", Shape: []int{2, 3}, Data: []float32{1, 2, 3, 4, 5, 6}}, {Name: "none", Shape: []int{0}}, {Name: "two", Shape: []int{1}, Data: []float32{-1}}}}
	want, err := EncodeTensors(x)
	if err != nil {
		t.Fatal(err)
	}
	var list []Source
	for _, s := range x.List {
		list = append(list, Source{s.Name, s.Shape, func() []float32 { return s.Data }})
	}
	var got bytes.Buffer
	if err := WriteTensors(&got, x.Meta, list); err != nil || !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%d bytes, %v; want %d", got.Len(), err, len(want))
	}
	list[0].Shape = []int{7}
	if err := WriteTensors(&got, x.Meta, list); err == nil {
		t.Error("a tensor shorter than its shape passed")
	}
}
