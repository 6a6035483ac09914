package coordinator

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/loramesh/loramesh/plugins/method"
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
	for i := range all {
		out = appendOutcome(out, &all[i])
	}
	if n := len(t.room) + len(out); n <= cap(t.room) { // else it did not fit, and has memory of its own
		t.room = t.room[:n]
	}
	return out[:len(out):len(out)]
}

func appendOutcome(b []byte, o *outcome) []byte {
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
		hash, ok := n.Blob.Hash()
		if !ok {
			panic(fmt.Sprintf("coordinator: the store has a blob that is called %q: a SHA-256 was expected", n.Blob))
		}
		b = append(b, hash[:]...)
	}
	return b
}
