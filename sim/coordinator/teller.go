package coordinator

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// teller reads tales. What it says again and again it says in the same strings, and what of a tale is
// new shares memory with that of its neighbours.
type teller struct {
	rest  []byte
	words map[string]string
	last  [2]told // blobs: most of a round began from the same
	at    int     // of them, the older
	names strings.Builder
	lists []method.Named // room for more
	room  int            // that was made for lists the last time
}

// together is how many names, and so many items of lists, share memory at most.
const together = 32

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
	h := method.Hash(t.rest[:len(method.Hash{})])
	t.rest = t.rest[len(h):]
	for i := range t.last {
		if t.last[i].hash == h && t.last[i].blob != "" {
			return t.last[i].blob
		}
	}
	b := t.name(h)
	t.last[t.at] = told{h, b}
	t.at = 1 - t.at
	return b
}

// name is a hash as text.
func (t *teller) name(h method.Hash) method.Blob {
	n := hex.EncodedLen(len(h))
	if t.names.Cap()-t.names.Len() < n {
		more := min(2*t.names.Cap(), together*n)
		t.names = strings.Builder{}
		t.names.Grow(max(n, more))
	}
	from := t.names.Len()
	var text [2 * len(h)]byte
	hex.Encode(text[:], h[:])
	t.names.Write(text[:])
	return method.Blob(t.names.String()[from:])
}

func (t *teller) named() (all []method.Named) {
	n := t.int()
	if n == 0 {
		return nil
	}
	if len(t.lists) < n {
		t.room = max(n, min(2*t.room, together))
		t.lists = make([]method.Named, t.room)
	}
	all, t.lists = t.lists[:n:n], t.lists[n:]
	for i := range all {
		all[i].Name = t.text()
		all[i].Blob = t.blob()
	}
	return all
}
