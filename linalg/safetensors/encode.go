package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"unicode/utf8"

	"github.com/loramesh/loramesh/linalg"
)

// align is where the data begins: a multiple of it, so that a mapped file's float32s can
// be used in place and a vector load never straddles the file's first cache line.
const align = 64

// Encode writes a file: tensors in the order given, metadata sorted by key, the header
// padded with spaces so that the data begins at a multiple of 64 bytes. Equal input
// gives equal bytes. Empty metadata is not written at all.
func Encode(meta map[string]string, ts []Tensor) ([]byte, error) {
	header, size, err := writeHeader(meta, ts)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	for _, t := range ts {
		if want, _ := sizeBytes(t.DType, t.Shape); want != len(t.Bytes) {
			return nil, fmt.Errorf("safetensors: tensor %q has %d bytes; %s %v takes %d", t.Name, len(t.Bytes), t.DType, t.Shape, want)
		}
	}
	out := make([]byte, 8, 8+len(header)+size)
	binary.LittleEndian.PutUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, t := range ts {
		out = append(out, t.Bytes...)
	}
	return out, nil
}

// writeHeader gives the padded header and the number of bytes of data after it.
func writeHeader(meta map[string]string, ts []Tensor) (header []byte, size int, err error) {
	header = append(header, '{')
	member := func(key string, value any) error {
		if !utf8.ValidString(key) {
			return fmt.Errorf("the name %q is not UTF-8", key)
		}
		k, _ := json.Marshal(key) // a string always marshals
		v, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("%q: %w", key, err)
		}
		if len(header) > 1 {
			header = append(header, ',')
		}
		header = append(append(append(header, k...), ':'), v...)
		return nil
	}
	if len(meta) > 0 {
		for _, k := range sortedKeys(meta) {
			if !utf8.ValidString(k) || !utf8.ValidString(meta[k]) {
				return nil, 0, fmt.Errorf("metadata %q is not UTF-8", k)
			}
		}
		if err := member("__metadata__", meta); err != nil { // json sorts the keys
			return nil, 0, err
		}
	}
	seen := map[string]bool{"__metadata__": true}
	for _, t := range ts {
		if seen[t.Name] {
			return nil, 0, fmt.Errorf("the name %q occurs twice or is reserved", t.Name)
		}
		seen[t.Name] = true
		want, err := sizeBytes(t.DType, t.Shape)
		if err != nil {
			return nil, 0, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if err := member(t.Name, entry{t.DType, append([]int{}, t.Shape...), [2]int{size, size + want}}); err != nil {
			return nil, 0, err
		}
		size += want
	}
	header = append(header, '}')
	for (8+len(header))%align != 0 {
		header = append(header, ' ')
	}
	return header, size, nil
}

// entry is one tensor in the header, fields in the order in which others write them.
type entry struct {
	DType       string `json:"dtype"`
	Shape       []int  `json:"shape"`
	DataOffsets [2]int `json:"data_offsets"`
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// EncodeTensors writes float32 tensors as F32, in the order of the list.
func EncodeTensors(t linalg.Tensors) ([]byte, error) {
	ts := make([]Tensor, len(t.List))
	for i, x := range t.List {
		ts[i] = Tensor{Name: x.Name, DType: "F32", Shape: x.Shape, Bytes: bytes32(x.Data)}
	}
	return Encode(t.Meta, ts)
}

// Source is a float32 tensor whose numbers are asked for when their turn comes.
type Source struct {
	Name  string
	Shape []int
	Data  func() []float32
}

// WriteTensors writes what EncodeTensors gives, without ever holding more than one tensor:
// to a file, or to a hash.
func WriteTensors(w io.Writer, meta map[string]string, list []Source) error {
	ts := make([]Tensor, len(list))
	for i, x := range list {
		ts[i] = Tensor{Name: x.Name, DType: "F32", Shape: x.Shape}
	}
	header, _, err := writeHeader(meta, ts)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if _, err := w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)); err != nil {
		return err
	}
	for _, x := range list {
		data := x.Data()
		if want, _ := sizeBytes("F32", x.Shape); want != 4*len(data) {
			return fmt.Errorf("safetensors: tensor %q has %d numbers; %v takes %d", x.Name, len(data), x.Shape, want/4)
		}
		if _, err := w.Write(bytes32(data)); err != nil {
			return err
		}
	}
	return nil
}

// DecodeTensors reads a file of floating-point tensors. F32 data are views of b: treat
// them as read-only, and keep b alive and unchanged.
func DecodeTensors(b []byte) (linalg.Tensors, error) {
	f, err := Parse(b)
	if err != nil {
		return linalg.Tensors{}, err
	}
	out := linalg.Tensors{Meta: f.Meta, List: make([]linalg.Tensor, len(f.Tensors))}
	for i, t := range f.Tensors {
		data, err := t.Floats()
		if err != nil {
			return linalg.Tensors{}, fmt.Errorf("safetensors: %w", err)
		}
		out.List[i] = linalg.Tensor{Name: t.Name, Shape: t.Shape, Data: data}
	}
	return out, nil
}
