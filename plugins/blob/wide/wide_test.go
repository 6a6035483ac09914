package wide

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

func check(t *testing.T, contents [][]byte) {
	t.Helper()
	for i, got := range Sums(contents) {
		if want := sha256.Sum256(contents[i]); got != want {
			t.Fatalf("%d of %d, %d bytes: %x, want %x", i, len(contents), len(contents[i]), got, want)
		}
	}
}

// Every length around the borders of blocks, at every alignment and in every number, is as
// crypto/sha256 has it.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	alike := func(n, size int) (all [][]byte) {
		for i := range n {
			all = append(all, content(rng, size+i)[i:])
		}
		return all
	}
	for size := range 300 {
		check(t, alike(2, size))
		check(t, alike(Most, size))
	}
	for n := range 2*Most + 4 {
		check(t, alike(n, 200))
	}
	for _, size := range []int{4096, 4200, 65536, 64*stretch - 1, 64 * stretch, 64*stretch + 1, 1<<20 + 1} {
		check(t, alike(2, size))
		check(t, alike(Most-1, size))
	}
}

// Contents of many lengths, in any order, have each their own hash.
func TestSumsOfManyLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		var all [][]byte
		for range rng.IntN(90) {
			all = append(all, content(rng, 60*rng.IntN(4)))
		}
		check(t, all)
	}
}

// One byte more or less, or another, is another hash, of the one content and never of those beside it.
func TestSumsTellThemApart(t *testing.T) {
	same := bytes.Repeat([]byte("abcdefg"), 30)
	for _, n := range []int{2, Most} {
		all := make([][]byte, n)
		for i := range all {
			all[i] = same
		}
		was := Sums(all)
		for i := range same {
			at := i % n
			other := bytes.Clone(same)
			other[i] ^= 1
			all[at] = other
			for j, now := range Sums(all) {
				if (now == was[j]) != (j != at) {
					t.Fatalf("byte %d of %d, of %d: %d is %x, before %x", i, at, n, j, now, was[j])
				}
			}
			all[at] = same
		}
	}
}

func FuzzSums(f *testing.F) {
	f.Add([]byte("abc"), []byte("abd"), byte(2))
	f.Fuzz(func(t *testing.T, a, b []byte, n byte) {
		all := [][]byte{a, b}
		for i := range n % (2 * Most) {
			all = append(all, all[i][:min(len(a), len(b))])
		}
		check(t, all)
	})
}

func benchmark(b *testing.B, n, size int) {
	all := make([][]byte, n)
	for i := range all {
		all[i] = make([]byte, size)
	}
	b.SetBytes(int64(n * size))
	for b.Loop() {
		Sums(all)
	}
}

func BenchmarkOne(b *testing.B)     { benchmark(b, 1, 65536) }
func BenchmarkTwo(b *testing.B)     { benchmark(b, 2, 65536) }
func BenchmarkSixteen(b *testing.B) { benchmark(b, Most, 65536) }
