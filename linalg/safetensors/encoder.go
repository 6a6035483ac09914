package safetensors

import (
	"encoding/binary"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// Encoder is [EncodeTensors] for who writes many files, one after the other. To one whose tensors have
// the names and shapes of the last one's, as what many make alike has, its header is given again.
// The zero value is ready. It is not safe for concurrent use.
type Encoder struct {
	header []byte // of the last file, with its length; nil: there is none
	meta   map[string]string
	list   []linalg.Tensor // without their numbers
	floats []int           // how many each has
}

// Append adds what EncodeTensors gives to out, whose memory is used if it is large enough. After
// an error out is as it was.
func (e *Encoder) Append(out []byte, t linalg.Tensors) ([]byte, error) {
	if e.header == nil || !e.like(t) {
		return e.first(out, t)
	}
	size := len(e.header)
	for _, n := range e.floats {
		size += 4 * n
	}
	out = append(slices.Grow(out, size), e.header...)
	for _, x := range t.List {
		out = append(out, bytes32(x.Data)...)
	}
	return out, nil
}

// like says whether tensors are those of the last file but for their numbers: all that could be wrong
// with them was looked at there.
func (e *Encoder) like(t linalg.Tensors) bool {
	if len(t.List) != len(e.list) || !maps.Equal(t.Meta, e.meta) {
		return false
	}
	for i, x := range t.List {
		if was := e.list[i]; x.Name != was.Name || len(x.Data) != e.floats[i] || !slices.Equal(x.Shape, was.Shape) {
			return false
		}
	}
	return true
}

// first writes a file, and keeps what it is like.
func (e *Encoder) first(out []byte, t linalg.Tensors) ([]byte, error) {
	e.header = nil
	from := len(out)
	all, err := appendFile(out, t.Meta, inF32(t))
	if err != nil {
		return out, err
	}
	data := from + 8 + int(binary.LittleEndian.Uint64(all[from:]))
	e.header, e.meta, e.list = slices.Clone(all[from:data]), maps.Clone(t.Meta), slices.Clone(t.List)
	e.floats = make([]int, len(e.list))
	for i := range e.list {
		x := &e.list[i]
		e.floats[i], x.Shape, x.Data = len(x.Data), slices.Clone(x.Shape), nil
	}
	return all, nil
}
