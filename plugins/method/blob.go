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
	bad := byte(0)
	for i := range h {
		digits := b[2*i : 2*i+2]
		high, low := nibbles[digits[0]], nibbles[digits[1]]
		h[i] = high<<4 | low&15
		bad |= high | low
	}
	return h, bad < 16
}

// nibbles are what digits stand for; 255: no digit.
var nibbles = func() (all [256]byte) {
	for i := range all {
		all[i] = 255
	}
	for i, digit := range []byte("0123456789abcdef") {
		all[digit] = byte(i)
	}
	return all
}()

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
