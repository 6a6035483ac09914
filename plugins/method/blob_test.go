package method

import (
	"slices"
	"strings"
	"testing"
)

// Of every place in a name and every byte there, the digits alone are taken, for what they are.
func TestBlobsAreHexDigits(t *testing.T) {
	zero := []byte(strings.Repeat("0", 64))
	for place := range zero {
		for c := range rune(256) {
			name := slices.Clone(zero)
			name[place] = byte(c)
			want := strings.IndexByte("0123456789abcdef", byte(c))
			h, ok := Blob(name).Hash()
			if ok != (want >= 0) {
				t.Fatalf("%q at %d: taken is %v", c, place, ok)
			}
			if got := int(h[place/2]) >> (4 * (1 - place%2)); ok && (got != want || h.Blob() != Blob(name)) {
				t.Fatalf("%q at %d is %d", c, place, got)
			}
		}
	}
}

// A name that is a hash stands for 32 bytes, and they for it; nothing else does.
func TestBlobsAreHashes(t *testing.T) {
	name := Blob(strings.Repeat("0123456789abcdef", 4))
	h, ok := name.Hash()
	if !ok || h[0] != 0x01 || h[31] != 0xef || h.Blob() != name {
		t.Errorf("%x, %v, %s", h, ok, h.Blob())
	}
	for _, bad := range []Blob{"", "ab", name[1:], name + "0", "G" + name[1:], "A" + name[1:], name[:63] + "\xff", name[:63] + "/"} {
		if _, ok := bad.Hash(); ok {
			t.Errorf("%q is taken for a hash", bad)
		}
	}
}
