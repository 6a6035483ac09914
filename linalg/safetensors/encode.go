package safetensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
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
	return appendFile(nil, meta, ts)
}

// appendFile adds a file to what is in out, whose memory is used if it is large enough.
func appendFile(out []byte, meta map[string]string, ts []Tensor) ([]byte, error) {
	header, size, err := writeHeader(meta, ts)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	for _, t := range ts {
		if want, _ := sizeBytes(t.DType, t.Shape); want != len(t.Bytes) {
			return nil, fmt.Errorf("safetensors: tensor %q has %d bytes; %s %v takes %d", t.Name, len(t.Bytes), t.DType, t.Shape, want)
		}
	}
	out = slices.Grow(out, 8+len(header)+size)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, t := range ts {
		out = append(out, t.Bytes...)
	}
	return out, nil
}

// writeHeader gives the padded header and the number of bytes of data after it.
func writeHeader(meta map[string]string, ts []Tensor) (header []byte, size int, err error) {
	header = append(make([]byte, 0, 2*align), '{')
	if len(meta) > 0 {
		header = append(header, `"__metadata__":{`...)
		for i, k := range sortedKeys(meta) {
			if !utf8.ValidString(k) || !utf8.ValidString(meta[k]) {
				return nil, 0, fmt.Errorf("metadata %q is not UTF-8", k)
			}
			if i > 0 {
				header = append(header, ',')
			}
			header = appendText(append(appendText(header, k), ':'), meta[k])
		}
		header = append(header, '}')
	}
	if name, ok := twice(ts); ok {
		return nil, 0, fmt.Errorf("the name %q occurs twice or is reserved", name)
	}
	for _, t := range ts {
		want, err := sizeBytes(t.DType, t.Shape)
		if err != nil {
			return nil, 0, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if !utf8.ValidString(t.Name) {
			return nil, 0, fmt.Errorf("the name %q is not UTF-8", t.Name)
		}
		if len(header) > 1 {
			header = append(header, ',')
		}
		header = appendEntry(header, t, size, size+want)
		size += want
	}
	header = append(header, '}')
	for (8+len(header))%align != 0 {
		header = append(header, ' ')
	}
	return header, size, nil
}

// twice finds a name that tensors may not have.
func twice(ts []Tensor) (name string, ok bool) {
	var seen map[string]bool // nil: there are few
	if len(ts) > few {
		seen = make(map[string]bool, len(ts))
	}
	for i, t := range ts {
		known := seen[t.Name]
		if seen == nil {
			known = slices.ContainsFunc(ts[:i], func(x Tensor) bool { return x.Name == t.Name })
		} else {
			seen[t.Name] = true
		}
		if known || t.Name == "__metadata__" {
			return t.Name, true
		}
	}
	return "", false
}

// appendEntry writes one tensor of the header, fields in the order in which others write them.
func appendEntry(b []byte, t Tensor, begin, end int) []byte {
	b = append(appendText(b, t.Name), `:{"dtype":`...)
	b = append(appendText(b, t.DType), `,"shape":[`...)
	for i, n := range t.Shape {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = strconv.AppendInt(append(b, `],"data_offsets":[`...), int64(begin), 10)
	return append(strconv.AppendInt(append(b, ','), int64(end), 10), `]}`...)
}

// appendText writes a JSON string, as encoding/json would.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || strings.IndexByte(`"\<>&`, c) >= 0 {
			quoted, _ := json.Marshal(s) // a string always marshals
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
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
func EncodeTensors(t linalg.Tensors) ([]byte, error) { return appendFile(nil, t.Meta, inF32(t)) }

// inF32 is tensors as they lie in a file.
func inF32(t linalg.Tensors) []Tensor {
	ts := make([]Tensor, len(t.List))
	for i, x := range t.List {
		ts[i] = Tensor{Name: x.Name, DType: "F32", Shape: x.Shape, Bytes: bytes32(x.Data)}
	}
	return ts
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
	return f.floats()
}

// floats are the tensors of a file as float32.
func (f *File) floats() (linalg.Tensors, error) {
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
