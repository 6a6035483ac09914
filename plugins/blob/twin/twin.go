package twin

import (
	"crypto/sha256"
	"encoding/binary"
)

// Sum256 is the SHA-256 of two contents. Those of one length take as long as one.
func Sum256(a, b []byte) (sums [2][sha256.Size]byte) {
	if !sideBySide || len(a) != len(b) {
		return [2][sha256.Size]byte{sha256.Sum256(a), sha256.Sum256(b)}
	}
	h := [2][8]uint32{begin, begin}
	whole := len(a) / sha256.BlockSize
	if whole > 0 {
		blocks(&h, &a[0], &b[0], whole)
	}
	x, n := padded(a[whole*sha256.BlockSize:], len(a))
	y, _ := padded(b[whole*sha256.BlockSize:], len(b))
	blocks(&h, &x[0], &y[0], n)
	for i := range h {
		for j, word := range h[i] {
			binary.BigEndian.PutUint32(sums[i][4*j:], word)
		}
	}
	return sums
}

// begin is the hash of nothing yet: FIPS 180-4, 5.3.3.
var begin = [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}

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
