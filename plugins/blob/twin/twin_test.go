package twin

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
)

func content(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func check(t *testing.T, a, b []byte) {
	t.Helper()
	if got, want := Sum256(a, b), [2][sha256.Size]byte{sha256.Sum256(a), sha256.Sum256(b)}; got != want {
		t.Fatalf("of %d and %d bytes: %x, want %x", len(a), len(b), got, want)
	}
}

// Every length around the borders of blocks, at every alignment, is as crypto/sha256 has it, and so
// are lengths that are not one.
func TestSum256(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 300 {
		a, b := content(rng, n+n%7)[n%7:], content(rng, n+n%5)[n%5:]
		check(t, a, b)
		check(t, a, b[:n/2])
		check(t, a, a)
	}
	for _, n := range []int{4096, 4200, 65536, 1<<20 + 1} {
		check(t, content(rng, n), content(rng, n))
	}
}

// One byte more or less, or another, is another hash, in the one content and never in the other.
func TestSum256TellsThemApart(t *testing.T) {
	if !sideBySide {
		t.Skip("this processor hashes one after the other")
	}
	a := bytes.Repeat([]byte("abcdefg"), 30)
	was := Sum256(a, a)
	for i := range a {
		b := bytes.Clone(a)
		b[i] ^= 1
		if now := Sum256(a, b); now[0] != was[0] || now[1] == was[1] {
			t.Fatalf("byte %d of the second: %x, before %x", i, now, was)
		}
		if now := Sum256(b, a); now[1] != was[1] || now[0] == was[0] {
			t.Fatalf("byte %d of the first: %x, before %x", i, now, was)
		}
	}
}

func FuzzSum256(f *testing.F) {
	f.Add([]byte("abc"), []byte("abd"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		n := min(len(a), len(b))
		check(t, a, b)
		check(t, a[:n], b[:n])
	})
}

func BenchmarkSum256(b *testing.B) {
	x, y := make([]byte, 65536), make([]byte, 65536)
	b.SetBytes(int64(len(x) + len(y)))
	for b.Loop() {
		Sum256(x, y)
	}
}
