package safetensors

import (
	"bytes"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

func TestEncoderWritesEachFileAsIfItWereTheFirst(t *testing.T) {
	of := func(meta map[string]string, name string, shape []int, data ...float32) linalg.Tensors {
		return linalg.Tensors{Meta: meta, List: []linalg.Tensor{{Name: "a", Shape: []int{1}, Data: []float32{7}}, {Name: name, Shape: shape, Data: data}}}
	}
	same := []int{2, 3}
	files := []linalg.Tensors{
		of(nil, "b", same, 1, 2, 3, 4, 5, 6), of(nil, "b", same, 6, 5, 4, 3, 2, 1), of(nil, "b", []int{3, 2}, 1, 2, 3, 4, 5, 6),
		of(nil, "b", []int{3, 2}, 1, 2, 3), of(nil, "c", []int{3, 2}, 1, 2, 3, 4, 5, 6), of(nil, "a", []int{3, 2}, 1, 2, 3, 4, 5, 6),
		of(map[string]string{"m": "x"}, "b", same, 1, 2, 3, 4, 5, 6), of(map[string]string{"m": "y"}, "b", same, 1, 2, 3, 4, 5, 6),
		of(map[string]string{"m": "y"}, "b", same, 0, 2, 3, 4, 5, 6), {}, {}, of(nil, "b", []int{0}), of(nil, "b", []int{0}), of(nil, "b", same, 1, 2, 3, 4, 5, 6),
	}
	var e Encoder
	for i, f := range files {
		want, wantErr := EncodeTensors(f)
		got, err := e.Append([]byte("before"), f)
		if !bytes.Equal(got, append([]byte("before"), want...)) || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("file %d: %q, %v; EncodeTensors gives %q, %v", i, got, err, want, wantErr)
		}
	}
	same[0], same[1] = 3, 2 // of who was asked to write it
	last := of(nil, "b", same, 1, 2, 3, 4, 5, 6)
	want, _ := EncodeTensors(last)
	if got, err := e.Append(nil, last); err != nil || !bytes.Equal(got, want) {
		t.Errorf("a shape that was changed afterwards is written as it was: %q, %v", got, err)
	}
}

func BenchmarkEncoder(b *testing.B) {
	x := linalg.Tensors{List: []linalg.Tensor{{Name: "idle", Shape: []int{1024}, Data: make([]float32, 1024)}}}
	out := make([]byte, 0, 8192)
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			if _, err := new(Encoder).Append(out, x); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("again", func(b *testing.B) {
		var e Encoder
		for b.Loop() {
			if _, err := e.Append(out, x); err != nil {
				b.Fatal(err)
			}
		}
	})
}
