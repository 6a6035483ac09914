package safetensors

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/loramesh/loramesh/linalg"
)

// Whatever came before, a decoder gives what DecodeTensors gives: tensors, or the error.
func TestDecoderReadsEachFileAsIfItWereTheFirst(t *testing.T) {
	make2 := func(meta map[string]string, a, b float32) []byte {
		out, err := EncodeTensors(linalg.Tensors{Meta: meta, List: []linalg.Tensor{
			{Name: "a", Shape: []int{2, 1}, Data: []float32{a, b}}, {Name: "b", Shape: []int{1}, Data: []float32{b}}}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	half, err := Encode(nil, []Tensor{{Name: "h", DType: "F16", Shape: []int{1}, Bytes: []byte{0, 0x3c}}})
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(make2(nil, 1, 2), []byte(`"b":`), []byte(`"a":`), 1) // two of one name
	files := [][]byte{make2(nil, 1, 2), make2(nil, 3, 4), other, make2(nil, 5, 6), make2(map[string]string{"m": "x"}, 7, 8),
		make2(map[string]string{"m": "x"}, 9, 10), make2(nil, 1, 2)[:40], half, half, {}, make2(nil, 11, 12)[:132], make2(nil, 11, 12)}
	var d Decoder
	var all []linalg.Tensors
	for i, f := range files {
		want, wantErr := DecodeTensors(f)
		got, err := d.Decode(f)
		if !reflect.DeepEqual(got, want) || (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("file %d: %v, %v; DecodeTensors gives %v, %v", i, got, err, want, wantErr)
		}
		all = append(all, got)
	}
	all[0].List[0].Shape[0], all[0].List[1].Name = 9, "mine" // of who was given them
	if again, _ := d.Decode(files[0]); !reflect.DeepEqual(again, must(DecodeTensors(files[0]))) {
		t.Errorf("what was done to one file is found in another: %v", again)
	}
}

func must(t linalg.Tensors, _ error) linalg.Tensors { return t }
