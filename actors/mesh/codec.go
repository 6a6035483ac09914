package mesh

import (
	"encoding/binary"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Encode is leases as bytes: numbers as varints, texts and bytes with their length in
// front, lists with their count.
func (m Leases) Encode() []byte {
	w := writer(make([]byte, 0, 256*(1+len(m.Lent))))
	w.number(m.Number)
	w.number(uint64(m.Oldest))
	w.number(uint64(len(m.Lent)))
	for _, l := range m.Lent {
		w.key(l.Key)
		w.number(uint64(l.Crashes))
		w.bytes(l.Note)
		w.bytes(l.Work)
	}
	w.parcels(m.Blobs)
	return w
}

// DecodeLeases is the way back. What is no such message is treated as lost. Bytes in it
// are part of data.
func DecodeLeases(data []byte) (m Leases, ok bool) {
	r := reader{rest: data}
	m.Number, m.Oldest = r.number(), int(r.number())
	for range r.count() {
		m.Lent = append(m.Lent, Lease{Key: r.key(), Crashes: int(r.number()), Note: r.bytes(), Work: r.bytes()})
	}
	m.Blobs = r.parcels()
	return m, r.ended()
}

// Encode is reports as bytes.
func (m Reports) Encode() []byte {
	w := writer(make([]byte, 0, 256*(1+len(m.Done))))
	w.text(m.Worker)
	w.number(m.Number)
	w.number(uint64(len(m.Done)))
	for _, d := range m.Done {
		w.key(d.Key)
		w.bytes(d.Work)
		w.text(d.Failure)
		w.number(uint64(d.Crashes))
		w.number(uint64(d.Wakes))
		w.number(uint64(d.Restarts))
	}
	w.parcels(m.Blobs)
	return w
}

// DecodeReports is the way back. What is no such message is treated as lost. Bytes in it
// are part of data.
func DecodeReports(data []byte) (m Reports, ok bool) {
	r := reader{rest: data}
	m.Worker = r.text()
	m.Number = r.number()
	for range r.count() {
		m.Done = append(m.Done, Report{Key: r.key(), Work: r.bytes(), Failure: r.text(),
			Crashes: int(r.number()), Wakes: int(r.number()), Restarts: int(r.number())})
	}
	m.Blobs = r.parcels()
	return m, r.ended()
}

type writer []byte

func (w *writer) number(n uint64) { *w = binary.AppendUvarint(*w, n) }

func (w *writer) bytes(b []byte) {
	w.number(uint64(len(b)))
	*w = append(*w, b...)
}

func (w *writer) text(s string) {
	w.number(uint64(len(s)))
	*w = append(*w, s...)
}

func (w *writer) key(k coordinator.Key) {
	w.number(uint64(k.Turn))
	w.text(k.Whom.Pool)
	w.number(uint64(k.Whom.Index))
}

func (w *writer) parcels(ps []Parcel) {
	w.number(uint64(len(ps)))
	for _, p := range ps {
		w.text(string(p.Blob))
		w.bytes(p.Data)
		w.text(p.At.Segment)
		w.number(uint64(p.At.Offset))
		w.number(uint64(p.At.Length))
	}
}

// reader reads what a writer wrote; once something is wrong it reads zeros.
type reader struct {
	rest  []byte
	wrong bool
}

func (r *reader) number() uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > 1<<62 {
		r.rest, r.wrong = nil, true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

// count is that of a list, each item of which has at least a byte.
func (r *reader) count() uint64 {
	n := r.number()
	if n > uint64(len(r.rest)) {
		r.rest, r.wrong = nil, true
		return 0
	}
	return n
}

func (r *reader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	if n == 0 {
		return nil
	}
	return b
}

func (r *reader) text() string { return string(r.bytes()) }

func (r *reader) key() coordinator.Key {
	return coordinator.Key{Turn: int(r.number()), Whom: method.ID{Pool: r.text(), Index: int(r.number())}}
}

func (r *reader) parcels() (ps []Parcel) {
	for range r.count() {
		p := Parcel{Blob: method.Blob(r.text()), Data: r.bytes()}
		p.At = blob.Handle{Segment: r.text(), Offset: int64(r.number()), Length: int64(r.number())}
		ps = append(ps, p)
	}
	return ps
}

func (r *reader) ended() bool { return !r.wrong && len(r.rest) == 0 }
