package method

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/loramesh/loramesh/linalg"
)

// Blob names content by its SHA-256, in hex; "" is none.
type Blob string

// Hash is a blob's name as the bytes that it stands for: half as long, and no text of its own, for
// whoever keeps many.
type Hash [sha256.Size]byte

// Hash is the name as bytes; ok is false where it is none, which are 64 lower-case hexadecimal
// digits.
func (b Blob) Hash() (h Hash, ok bool) {
	if len(b) != 2*len(h) {
		return h, false
	}
	ok = true
	for i := 0; i < len(b); i += 8 { // eight digits at a time, a byte of x each
		s := b[i : i+8]
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		n := x&(15*each) + 9*(x>>6&each) // what they stand for, if they are digits
		letters := (n&(15*each) + 6*each) >> 4 & each
		ok = ok && n&(15*each)+'0'*each+('a'-'0'-10)*letters == x
		pairs := n<<4 | n>>8
		h[i/2], h[i/2+1], h[i/2+2], h[i/2+3] = byte(pairs), byte(pairs>>16), byte(pairs>>32), byte(pairs>>48)
	}
	return h, ok
}

// each is a 1 in every byte.
const each = 0x0101010101010101

// Blob is the way back.
func (h Hash) Blob() Blob {
	var name [2 * len(h)]byte
	hex.Encode(name[:], h[:])
	return Blob(name[:])
}

// State is all that a method remembers between two calls.
type State struct {
	Bytes []byte // at most 64 KiB; what is larger goes into a blob
	Holds []Blob // blobs that Bytes speaks of: they stay alive as long as this state
}

// Hold is the state with further blobs held. The old one is left as it was.
func (s State) Hold(b ...Blob) State {
	s.Holds = slices.Concat(s.Holds, b)
	return s
}

// Blobs reads and writes tensors. It is the only way out of a method besides its response.
type Blobs interface {
	// Open maps a blob. The tensors are read-only, and valid until the loop over
	// reports moves on or the call returns.
	Open(Blob) (Tensors, error)
	// Put stores tensors under their hash; order and names are part of it.
	Put(Tensors) (Blob, error)
}

// Tensors are the content of a blob; linalg/lora reads and writes adapters in this form.
// The tensors of an adapter are named by module and factor: "3.q.A", "3.q.B", "3.q.D"
// (dense), "3.q.A0", "3.q.B0" (where a start moved the base, see [Spectral]).
type Tensors = linalg.Tensors

// Tensor is row-major.
type Tensor = linalg.Tensor
