package method

import (
	"strings"
	"testing"
)

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
