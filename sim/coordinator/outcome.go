package coordinator

import (
	"encoding/binary"
	"math"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/ledger"
)

// outcome is a report with what the coordinator knows of it and the worker does not.
type outcome struct {
	method.Report
	folded   int     // rounds, when it was asked for
	claimed  float64 // its share, as its worker has it
	adapter  bool    // it made one
	flops    float64
	energy   float64
	kept     []method.Named // by this assignment
	unusable string         // why; "": it is usable
}

func (o outcome) line() ledger.Report {
	return ledger.Report{Round: o.Round, Age: o.Age, From: o.From.String(), Name: o.Name, Examples: o.Examples, Share: o.Share,
		Made: contents(o.Made), Began: contents(o.Began), Kept: contents(o.kept), Values: values(o.Values),
		Up: o.Up, Down: o.Down, Flops: o.flops, Spent: o.Spent, Energy: o.energy, Warnings: o.Warnings}
}

// tale is the outcomes of a flight as bytes, in order of their names. Ten thousand of them wait
// for a fold: so one takes a few hundred bytes and no pointer, for a kilobyte as it is worked with.
type tale []byte

// tales are memory for tales, a piece at a time.
type tales struct{ room []byte }

// taleBytes is the size of a piece.
const taleBytes = 64 << 10

// add writes outcomes down.
func (t *tales) add(all []outcome) tale {
	if cap(t.room)-len(t.room) < taleBytes/16 {
		t.room = make([]byte, 0, taleBytes)
	}
	out := t.room[len(t.room):]
	for _, o := range all {
		out = appendOutcome(out, o)
	}
	if n := len(t.room) + len(out); n <= cap(t.room) { // else it did not fit, and has memory of its own
		t.room = t.room[:n]
	}
	return out[:len(out):len(out)]
}

func appendOutcome(b []byte, o outcome) []byte {
	b = appendFloats(appendText(b, o.unusable), o.flops, float64(o.Spent))
	unusual := o.energy != 0 || o.Share != 1 || o.claimed != 1
	if b = appendInts(b, bit(o.adapter), bit(unusual)); unusual {
		b = appendFloats(b, o.energy, o.Share, o.claimed)
	}
	b = appendInts(b, int(o.Up), int(o.Down), o.Round, o.folded, o.Examples, o.From.Index)
	b = appendText(appendText(b, o.From.Pool), o.Name)
	b = appendNamed(appendNamed(appendNamed(b, o.Made), o.Began), o.kept)
	b = appendInts(b, len(o.Values))
	for _, v := range o.Values {
		b = appendFloats(appendText(appendText(b, v.Name), v.Group), v.Value, v.Weight)
	}
	b = appendInts(b, len(o.Warnings))
	for _, w := range o.Warnings {
		b = appendText(b, w)
	}
	return b
}

func bit(set bool) int {
	if set {
		return 1
	}
	return 0
}

func appendInts(b []byte, all ...int) []byte {
	for _, n := range all {
		b = binary.AppendVarint(b, int64(n))
	}
	return b
}

func appendFloats(b []byte, all ...float64) []byte {
	for _, x := range all {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
	}
	return b
}

func appendText(b []byte, s string) []byte { return append(appendInts(b, len(s)), s...) }

func appendNamed(b []byte, all []method.Named) []byte {
	b = appendInts(b, len(all))
	for _, n := range all {
		b = appendText(b, n.Name)
		if hash, ok := n.Blob.Hash(); ok {
			b = append(appendInts(b, 0), hash[:]...)
		} else { // of a store that names its blobs otherwise
			b = append(appendInts(b, 1+len(n.Blob)), n.Blob...)
		}
	}
	return b
}

// teller reads tales. What it says again and again it says in the same strings.
type teller struct {
	rest  []byte
	words map[string]string
	last  [2]told // blobs: most of a round began from the same
	at    int     // of them, the older
}

type told struct {
	hash method.Hash
	blob method.Blob
}

// next is the next outcome, in memory of its own; ok is false after the last. A tale is of this
// machine's own making: what cannot be read is a fault in here.
func (t *teller) next() (o outcome, ok bool) {
	if len(t.rest) == 0 {
		return o, false
	}
	o.unusable = t.text()
	o.flops, o.Spent = t.float(), method.Seconds(t.float())
	o.adapter, o.Share, o.claimed = t.int() == 1, 1, 1
	if unusual := t.int() == 1; unusual {
		o.energy, o.Share, o.claimed = t.float(), t.float(), t.float()
	}
	o.Up, o.Down = int64(t.int()), int64(t.int())
	o.Round, o.folded, o.Examples, o.From.Index = t.int(), t.int(), t.int(), t.int()
	o.From.Pool, o.Name = t.text(), t.text()
	o.Made, o.Began, o.kept = t.named(), t.named(), t.named()
	if n := t.int(); n > 0 {
		o.Values = make([]method.Value, n)
		for i := range o.Values {
			o.Values[i] = method.Value{Name: t.text(), Group: t.text(), Value: t.float(), Weight: t.float()}
		}
	}
	for range t.int() {
		o.Warnings = append(o.Warnings, t.text())
	}
	return o, true
}

func (t *teller) int() int {
	n, size := binary.Varint(t.rest)
	t.rest = t.rest[size:]
	return int(n)
}

func (t *teller) float() float64 {
	x := math.Float64frombits(binary.LittleEndian.Uint64(t.rest))
	t.rest = t.rest[8:]
	return x
}

func (t *teller) text() string {
	n := t.int()
	b := t.rest[:n]
	t.rest = t.rest[n:]
	if n == 0 {
		return ""
	}
	s, known := t.words[string(b)]
	if !known {
		if t.words == nil {
			t.words = map[string]string{}
		}
		s = string(b)
		t.words[s] = s
	}
	return s
}

func (t *teller) blob() method.Blob {
	if n := t.int(); n > 0 {
		b := method.Blob(t.rest[:n-1])
		t.rest = t.rest[n-1:]
		return b
	}
	h := method.Hash(t.rest[:len(method.Hash{})])
	t.rest = t.rest[len(h):]
	for i := range t.last {
		if t.last[i].hash == h && t.last[i].blob != "" {
			return t.last[i].blob
		}
	}
	b := h.Blob()
	t.last[t.at] = told{h, b}
	t.at = 1 - t.at
	return b
}

func (t *teller) named() (all []method.Named) {
	n := t.int()
	if n == 0 {
		return nil
	}
	all = make([]method.Named, n)
	for i := range all {
		all[i].Name = t.text()
		all[i].Blob = t.blob()
	}
	return all
}
