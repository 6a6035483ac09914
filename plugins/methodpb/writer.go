package methodpb

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/loramesh/loramesh/plugins/method"
)

// writer writes the few messages of which there is one for every participant of every
// round, in the form that the .proto files give them and without a message in between.
// Fields that are 0 or empty are left out, as the generated code leaves them out.
type writer []byte

func (w *writer) number(field protowire.Number, n int64) {
	if n != 0 {
		*w = protowire.AppendVarint(protowire.AppendTag(*w, field, protowire.VarintType), uint64(n))
	}
}

func (w *writer) float(field protowire.Number, f float64) {
	if math.Float64bits(f) != 0 {
		*w = protowire.AppendFixed64(protowire.AppendTag(*w, field, protowire.Fixed64Type), math.Float64bits(f))
	}
}

func (w *writer) text(field protowire.Number, s string) {
	if s != "" {
		w.item(field, s)
	}
}

// item is a text of a list, which stands there even if it is empty.
func (w *writer) item(field protowire.Number, s string) {
	*w = protowire.AppendString(protowire.AppendTag(*w, field, protowire.BytesType), s)
}

func (w *writer) bytes(field protowire.Number, b []byte) {
	if len(b) > 0 {
		*w = protowire.AppendBytes(protowire.AppendTag(*w, field, protowire.BytesType), b)
	}
}

// open begins a message within the message; close ends the one that began there.
func (w *writer) open(field protowire.Number) (from int) {
	*w = append(protowire.AppendTag(*w, field, protowire.BytesType), 0)
	return len(*w)
}

func (w *writer) close(from int) {
	n := len(*w) - from
	if n < 1<<7 { // the byte that open left is enough for its length
		(*w)[from-1] = byte(n)
		return
	}
	var room [9]byte
	more := protowire.SizeVarint(uint64(n)) - 1
	*w = append(*w, room[:more]...)
	copy((*w)[from+more:], (*w)[from:])
	protowire.AppendVarint((*w)[:from-1], uint64(n))
}

func (w *writer) id(field protowire.Number, x method.ID) {
	from := w.open(field)
	w.text(1, x.Pool)
	w.number(2, int64(x.Index))
	w.close(from)
}

func (w *writer) names(field protowire.Number, all []method.Named) {
	for _, x := range all {
		from := w.open(field)
		w.text(1, x.Name)
		w.text(2, string(x.Blob))
		w.close(from)
	}
}

func (w *writer) report(field protowire.Number, x *method.Report) {
	from := w.open(field)
	w.number(1, int64(x.Round))
	w.text(2, x.Name)
	w.id(3, x.From)
	w.number(4, int64(x.Age))
	w.number(5, int64(x.Examples))
	w.float(6, x.Share)
	w.names(7, x.Made)
	w.names(8, x.Began)
	for _, v := range x.Values {
		at := w.open(9)
		w.text(1, v.Name)
		w.text(2, v.Group)
		w.float(3, v.Value)
		w.float(4, v.Weight)
		w.close(at)
	}
	w.number(10, x.Up)
	w.number(11, x.Down)
	w.float(12, float64(x.Spent))
	for _, s := range x.Warnings {
		w.item(13, s)
	}
	w.close(from)
}

func (w *writer) participant(field protowire.Number, x *method.Participant) {
	from := w.open(field)
	w.id(1, x.ID)
	w.text(2, string(x.Role))
	w.number(3, int64(x.Examples))
	w.number(4, int64(x.Rank))
	w.text(5, x.Tier)
	for _, s := range x.Kept {
		w.item(6, s)
	}
	w.bytes(7, x.Note)
	w.close(from)
}
