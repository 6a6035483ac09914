package wide

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Most is how many chains there are side by side at most: who hashes so many at a time gains what there
// is to be gained.
const Most = 16

// worth is how many make it worth to have a chain in each word of wide registers, of which some do
// nothing then. How many depends on the processor: on a Sapphire Rapids it is 9.
const worth = 11

// stretch is how many blocks are taken in by one call: none can be interrupted, and a collection of
// garbage that begins meanwhile waits for its end.
const stretch = 512

// Sums are the SHA-256 of some contents, in their order. Those of one length take less time than by
// themselves.
func Sums(contents [][]byte) [][sha256.Size]byte {
	sums := make([][sha256.Size]byte, len(contents))
	for rest := byLength(contents); len(rest) > 0; {
		alike := 1
		for alike < min(len(rest), Most) && len(contents[rest[alike]]) == len(contents[rest[0]]) {
			alike++
		}
		switch {
		case alike >= worth && sixteenAbreast:
			sixteen(contents, rest[:alike], sums)
		case alike >= 2 && twoAbreast:
			alike = 2
			two(contents, [2]int(rest), sums)
		default:
			alike = 1
			sums[rest[0]] = sha256.Sum256(contents[rest[0]])
		}
		rest = rest[alike:]
	}
	return sums
}

// byLength are the numbers of contents, those of one length together.
func byLength(contents [][]byte) []int {
	order := make([]int, len(contents))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(len(contents[i]), len(contents[j])) })
	return order
}

// begin is the hash of nothing yet: FIPS 180-4, 5.3.3.
var begin = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

// two hashes two contents of one length.
func two(contents [][]byte, which [2]int, sums [][sha256.Size]byte) {
	h := [2][8]uint32{begin, begin}
	a, b := contents[which[0]], contents[which[1]]
	size := len(a)
	for len(a) >= sha256.BlockSize {
		n := min(stretch, len(a)/sha256.BlockSize)
		blocks2(&h, &a[0], &b[0], n)
		a, b = a[n*sha256.BlockSize:], b[n*sha256.BlockSize:]
	}
	x, n := padded(a, size)
	y, _ := padded(b, size)
	blocks2(&h, &x[0], &y[0], n)
	for i, w := range which {
		for j, word := range h[i] {
			binary.BigEndian.PutUint32(sums[w][4*j:], word)
		}
	}
}

// sixteen hashes as many contents of one length, or fewer. Where there is none the last is hashed again.
func sixteen(contents [][]byte, which []int, sums [][sha256.Size]byte) {
	var h [8][Most]uint32
	for i, word := range begin {
		for j := range h[i] {
			h[i][j] = word
		}
	}
	content := func(i int) []byte { return contents[which[min(i, len(which)-1)]] }
	var at [Most]*byte
	size, done := len(content(0)), 0
	for whole := size / sha256.BlockSize; whole > 0; {
		n := min(stretch, whole)
		for i := range at {
			at[i] = &content(i)[done]
		}
		blocks16(&h, &at, n)
		whole, done = whole-n, done+n*sha256.BlockSize
	}
	var ends [Most][2 * sha256.BlockSize]byte
	var n int
	for i := range ends {
		ends[i], n = padded(content(i)[done:], size)
		at[i] = &ends[i][0]
	}
	blocks16(&h, &at, n)
	for i, w := range which {
		for j := range h {
			binary.BigEndian.PutUint32(sums[w][4*j:], h[j][i])
		}
	}
}

// padded is the end of a content of so many bytes, with what follows it by FIPS 180-4, 5.1.1: a one,
// zeros, and the length in bits. It is one block or two.
func padded(rest []byte, length int) (end [2 * sha256.BlockSize]byte, n int) {
	n = 1
	if len(rest)+9 > sha256.BlockSize {
		n = 2
	}
	end[copy(end[:], rest)] = 0x80
	binary.BigEndian.PutUint64(end[n*sha256.BlockSize-8:], uint64(length)*8)
	return end, n
}
