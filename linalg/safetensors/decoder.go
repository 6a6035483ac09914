package safetensors

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// Decoder is [DecodeTensors] for who reads many files, one after the other. Of one that begins
// as the file before did, as what many have made alike does, the header is not read again. The
// zero value is ready. It is not safe for concurrent use.
type Decoder struct {
	size   int    // of the last file
	header []byte // of it, with its length; nil: there is none, or some tensor is not F32
	meta   map[string]string
	list   []linalg.Tensor // without their numbers
	places []span          // of those, in the file
}

// Decode gives what [DecodeTensors] gives.
func (d *Decoder) Decode(b []byte) (linalg.Tensors, error) {
	if d.header != nil && len(b) == d.size && bytes.HasPrefix(b, d.header) {
		return d.again(b), nil
	}
	d.header = nil
	f, spans, err := parse(b, d.places[:0])
	if err != nil {
		return linalg.Tensors{}, err
	}
	out, err := f.floats()
	if err == nil && !slices.ContainsFunc(f.Tensors, func(t Tensor) bool { return t.DType != "F32" }) {
		d.learn(b, spans, out)
	}
	return out, err
}

// again reads a file with the header and the length of the last: all that could be wrong with
// it was looked at there.
func (d *Decoder) again(b []byte) linalg.Tensors {
	out := linalg.Tensors{Meta: maps.Clone(d.meta), List: slices.Clone(d.list)}
	for i, at := range d.places {
		x := &out.List[i]
		x.Shape, x.Data = slices.Clone(x.Shape), view32(b[at.begin:at.end:at.end])
	}
	return out
}

// learn keeps what a file of F32 is like.
func (d *Decoder) learn(b []byte, spans []span, t linalg.Tensors) {
	data := 8 + int(binary.LittleEndian.Uint64(b))
	d.size, d.header = len(b), bytes.Clone(b[:data])
	d.meta, d.list, d.places = maps.Clone(t.Meta), slices.Clone(t.List), spans
	for i := range d.list {
		d.list[i].Shape, d.list[i].Data = slices.Clone(d.list[i].Shape), nil
		d.places[i].begin += data
		d.places[i].end += data
	}
}
