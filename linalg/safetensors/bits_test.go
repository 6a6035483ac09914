package safetensors

import (
	"slices"
	"testing"
)

func TestBits16(t *testing.T) {
	memory := []byte{9, 1, 2, 3, 4} // one of the two views is not aligned
	for at, want := range [][]uint16{{0x0109, 0x0302}, {0x0201, 0x0403}} {
		got, err := Tensor{Name: "w", DType: "BF16", Shape: []int{2}, Bytes: memory[at : at+4]}.Bits16()
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("at %d: got %#x, %v; expected %#x", at, got, err, want)
		}
	}
	if _, err := (Tensor{Name: "w", DType: "F32"}).Bits16(); err == nil || err.Error() != `tensor "w" is F32; expected numbers of 16 bits (F16, BF16)` {
		t.Errorf("F32: got %v", err)
	}
}
