package rng

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// Key is the name of a source of randomness: the seed of a trial and the path from it.
// It is a value; deriving from it leaves it as it was. Keys are comparable.
type Key struct{ sum [sha256.Size]byte }

// What a key is hashed with before it is used, so that a child, a stream, a seed and a
// permutation of the same key share nothing.
const (
	tagRoot   = 'r'
	tagText   = 't'
	tagWhole  = '+' // an integer ≥ 0
	tagMinus  = '-' // an integer < 0, by its distance from −1
	tagStream = 's'
	tagSeed   = 'u'
)

// New is the key of a seed: the root of every name in a trial.
func New(seed uint64) Key {
	return derive(Key{}, tagRoot, bytes(seed))
}

// At is the key further along the path. Parts are strings and integers (int, int32,
// int64, uint32, uint64); anything else panics, for its encoding might change under us.
//
// The path is what counts: At("fit", 3) and At("fit").At(3) are one key, as are int 3
// and uint64 3; At("ab", "c"), At("a", "bc") and At("abc") are three, and the number 3
// is not the text "3".
func (k Key) At(parts ...any) Key {
	for _, p := range parts {
		k = k.part(p)
	}
	return k
}

// part hashes one step. Each step hashes a fixed-size key, a tag and the rest, so no two
// paths can run into each other.
func (k Key) part(p any) Key {
	switch x := p.(type) {
	case string:
		return derive(k, tagText, x)
	case int:
		return k.whole(int64(x))
	case int32:
		return k.whole(int64(x))
	case int64:
		return k.whole(x)
	case uint32:
		return k.whole(int64(x))
	case uint64:
		return derive(k, tagWhole, bytes(x))
	}
	panic(fmt.Sprintf("rng: a name has strings and integers, not %T (%v): convert it", p, p))
}

func (k Key) whole(x int64) Key {
	if x < 0 {
		return derive(k, tagMinus, bytes(uint64(^x)))
	}
	return derive(k, tagWhole, bytes(uint64(x)))
}

// derive hashes the key, a tag and the rest: in memory of its own where they are short, as
// all but long texts are.
func derive[T string | []byte](k Key, tag byte, rest T) Key {
	var room [2 * sha256.BlockSize]byte
	b := append(append(room[:0], k.sum[:]...), tag)
	return Key{sha256.Sum256(append(b, rest...))}
}

// bytes are those of a number.
func bytes(x uint64) []byte { return binary.BigEndian.AppendUint64(nil, x) }

// Seed is 64 bits of the key, for those who must be handed a number: [New] of it is a
// key of its own.
func (k Key) Seed() uint64 {
	d := derive(k, tagSeed, "")
	return binary.BigEndian.Uint64(d.sum[:8])
}

// Stream is a fresh stream of draws from the beginning: two streams of one key give the
// same draws. It is not for use by two goroutines at once.
func (k Key) Stream() *Stream {
	return newStream(rand.NewChaCha8(derive(k, tagStream, "").sum))
}

// String shows the head of the key: enough to tell two apart in a message.
func (k Key) String() string { return fmt.Sprintf("%x", k.sum[:4]) }
