package kernel

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/rng"
)

// packings lays a weight out in every format, for shapes with panels that are not full.
func packings(n, k int) map[string]*Panels {
	s := rng.New(4).At("placed").Stream()
	w := Of(make([]float32, n*k), n, k)
	bits := make([]uint16, n*k)
	for i := range w.Data {
		w.Data[i] = float32(s.Norm())
		bits[i] = bits16(w.Data[i])
	}
	half := make([]uint16, n*k)
	for i := range half {
		half[i] = uint16(s.Uint64()) & 0x3bff // finite, of either size
	}
	if back := PackNN(w); !bytes.Equal(back.Bytes(), PackNT(w).Turned().Bytes()) || !bytes.Equal(back.Turned().Bytes(), PackNT(w).Bytes()) {
		panic("turned it is another than packed for the other way")
	}
	return map[string]*Panels{
		"float32, forward":  PackNT(w),
		"float32, back":     PackNN(w),
		"bfloat16":          PackNT16(Of16(bits, n, k, BFloat16)),
		"float16":           PackNT16(Of16(half, n, k, Float16)),
		"rounded, forward":  PackRoundedNT(w),
		"rounded, back":     PackRoundedNN(w),
		"halves, both ways": PackNT16(Of16(half, n, k, Float16)).RoundLeft(),
	}
}

// roomOf is memory that begins where a line of the cache does.
func roomOf(n int) []byte {
	room := make([]byte, n+64)
	lo := -int(uintptr(unsafe.Pointer(unsafe.SliceData(room)))) & 63
	return room[lo : lo+n : lo+n]
}

// A room that begins elsewhere is a fault of the caller's, who is told its length and place.
func TestRoomsThatBeginElsewhere(t *testing.T) {
	for name, p := range packings(64, 32) {
		n := len(p.Bytes())
		room := roomOf(n + 8)[8:]
		copy(room, p.Bytes())
		for _, at := range []func(){func() { p.At(room) }, func() { p.TurnedAt(room) }} {
			func() {
				defer func() {
					if want := fmt.Sprintf("a room of %d bytes for panels begins at address 0x", n); !strings.Contains(fmt.Sprint(recover()), want) {
						t.Errorf("%s: no panic that says %q", name, want)
					}
				}()
				at()
			}()
		}
	}
}

// Panels in other memory are the same panels, which hold nothing of their own; other bytes,
// be it one, are refused.
func TestPanelsElsewhere(t *testing.T) {
	for _, shape := range [][2]int{{64, 32}, {70, 33}, {1, 5}, {33, 1}} {
		for name, p := range packings(shape[0], shape[1]) {
			room := roomOf(len(p.Bytes()))
			copy(room, p.Bytes())
			q, ok := p.At(room)
			if !ok {
				t.Fatalf("%s %v: the same bytes are refused", name, shape)
			}
			if unsafe.SliceData(q.Bytes()) != unsafe.SliceData(room) {
				t.Errorf("%s %v: the panels lie in memory of their own", name, shape)
			}
			if got, want := q.Unpack(), p.Unpack(); !slices.Equal(got.Data, want.Data) || q.Format() != p.Format() {
				t.Errorf("%s %v: other numbers than before", name, shape)
			}
			turned := p.Turned()
			if n := p.TurnedBytes(); n != len(turned.Bytes()) {
				t.Errorf("%s %v: turned it has %d bytes, not %d", name, shape, len(turned.Bytes()), n)
			}
			if !bytes.Equal(q.Turned().Bytes(), turned.Bytes()) {
				t.Errorf("%s %v: turned it is another", name, shape)
			}
			there := roomOf(p.TurnedBytes())
			for i := range there {
				there[i] = 0xa5 // what was there is nobody's concern
			}
			p.TurnTo(there)
			if back, ok := p.TurnedAt(there); !ok || !bytes.Equal(there, turned.Bytes()) || unsafe.SliceData(back.Bytes()) != unsafe.SliceData(there) {
				t.Errorf("%s %v: turned it does not lie where it was put", name, shape)
			}
			for _, at := range []int{0, len(there) / 2, len(there) - 1} {
				there[at] ^= 1
				if _, ok := p.TurnedAt(there); ok {
					t.Errorf("%s %v: byte %d was another when it was turned, and nobody minded", name, shape, at)
				}
				there[at] ^= 1
			}
			for _, at := range []int{0, len(room) / 2, len(room) - 1} {
				room[at] ^= 1
				if _, ok := p.At(room); ok {
					t.Errorf("%s %v: byte %d was another, and nobody minded", name, shape, at)
				}
				room[at] ^= 1
			}
			if _, ok := p.At(room[:len(room)-1]); ok {
				t.Errorf("%s %v: a byte was missing, and nobody minded", name, shape)
			}
		}
	}
}
