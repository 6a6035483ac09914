package mesh

import (
	"encoding/binary"
	"slices"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// Encode is a pull as bytes: numbers as varints, texts and bytes with their length in
// front, lists with their count.
func (m Pull) Encode() []byte {
	w := writer(make([]byte, 0, 64+16*len(m.Held)))
	w.text(m.Worker)
	w.number(m.Number)
	w.number(uint64(m.Want))
	w.number(uint64(m.Now))
	w.text(string(m.Road))
	w.number(uint64(len(m.Held)))
	for _, k := range m.Held {
		w.key(k)
	}
	return w
}

// DecodePull is the way back. What is no such message is treated as lost.
func DecodePull(data []byte) (m Pull, ok bool) {
	r := reader{rest: data}
	m.Worker, m.Number, m.Want, m.Now, m.Road = r.text(), r.number(), int(r.number()), int(r.number()), Road(r.text())
	for range r.count() {
		m.Held = append(m.Held, r.key())
	}
	return m, r.ended()
}

// Encode is leases as bytes: first what is to be done, each kind of work once, then who is
// to do which.
func (m Leases) Encode() []byte {
	w := writer(make([]byte, 0, 1024+64*len(m.Lent)))
	w.number(m.Number)
	w.number(uint64(m.Oldest))
	var works [][]byte
	which := make([]int, len(m.Lent))
	for i, l := range m.Lent {
		which[i] = slices.IndexFunc(works, func(x []byte) bool { return Same(x, l.Work) })
		if which[i] < 0 {
			which[i], works = len(works), append(works, l.Work)
		}
	}
	w.number(uint64(len(works)))
	for _, x := range works {
		w.bytes(x)
	}
	w.number(uint64(len(m.Lent)))
	for i, l := range m.Lent {
		w.key(l.Key)
		w.number(uint64(l.Crashes))
		w.bytes(l.Note)
		w.number(uint64(which[i]))
		w.number(uint64(len(l.Draws)))
		for _, d := range l.Draws {
			w.fixed(d)
		}
	}
	w.parcels(m.Blobs)
	return w
}

// Same says whether two slices are the same memory.
func Same(a, b []byte) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// DecodeLeases is the way back. What is no such message is treated as lost. Bytes in it
// are part of data.
func DecodeLeases(data []byte) (m Leases, ok bool) {
	r := reader{rest: data}
	m.Number, m.Oldest = r.number(), int(r.number())
	var works [][]byte
	for range r.count() {
		works = append(works, r.bytes())
	}
	n := r.count()
	m.Lent = make([]Lease, 0, min(n, bulk))
	var draws []uint64 // of all leases, one behind the other
	for range n {
		l := Lease{Key: r.key(), Crashes: int(r.number()), Note: r.bytes()}
		if i := r.number(); i < uint64(len(works)) {
			l.Work = works[i]
		} else {
			r.wrong = true
		}
		from := len(draws)
		for range r.count() {
			draws = append(draws, r.fixed())
		}
		if len(draws) > from {
			l.Draws = slices.Clip(draws[from:])
		}
		m.Lent = append(m.Lent, l)
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
		w.flag(d.Ground)
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
	n := r.count()
	m.Done = make([]Report, 0, min(n, bulk))
	for range n {
		m.Done = append(m.Done, Report{Key: r.key(), Work: r.bytes(), Failure: r.text(), Ground: r.flag(),
			Crashes: int(r.number()), Wakes: int(r.number()), Restarts: int(r.number())})
	}
	m.Blobs = r.parcels()
	return m, r.ended()
}

// bulk is how many leases room is made for before they are read: a message may claim any number.
const bulk = 1024

type writer []byte

func (w *writer) number(n uint64) { *w = binary.AppendUvarint(*w, n) }

// fixed is a number of which every one is as likely as any other.
func (w *writer) fixed(n uint64) { *w = binary.LittleEndian.AppendUint64(*w, n) }

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
	whole string // what is read, from its beginning, if texts are to be parts of it
	wrong bool
	pool  string         // of the key before: most are of one
	named []method.Named // room for lists of names
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

func (r *reader) fixed() uint64 {
	if len(r.rest) < 8 {
		r.rest, r.wrong = nil, true
		return 0
	}
	n := binary.LittleEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
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

func (r *reader) text() string {
	b := r.bytes()
	if r.whole == "" {
		return string(b)
	}
	end := len(r.whole) - len(r.rest)
	return r.whole[end-len(b) : end]
}

func (r *reader) key() coordinator.Key {
	turn := int(r.number())
	if pool := r.bytes(); string(pool) != r.pool {
		r.pool = string(pool)
	}
	return coordinator.Key{Turn: turn, Whom: method.ID{Pool: r.pool, Index: int(r.number())}}
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
