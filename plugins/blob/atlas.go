package blob

import (
	"encoding/binary"

	"github.com/loramesh/loramesh/plugins/method"
)

// atlas says in which segment blobs lie, by their hashes. What is known of a blob stands in its
// segment, without a pointer; here it has eight bytes in a table of open addresses, which is at
// most three quarters full. There may be a hundred thousand, and a map of hashes and places
// took three times as much, and the collector through all of it.
type atlas struct {
	table    []spot // a power of two long
	used     int
	segments []*segment // by number, from 1
	free     []uint32   // numbers
}

// spot is where in which segment a blob is known; its zero value is free.
type spot struct{ segment, at uint32 }

// known is what a segment knows of a blob that was written into it.
type known struct {
	hash   method.Hash
	length int64
	unit   uint32 // of align, at which it begins
	put    uint32 // the generation in which it was put last, in this process
}

// place is where a blob lies.
type place struct {
	seg *segment
	known
}

// offset is where it begins, in bytes.
func (k known) offset() int64 { return int64(k.unit) * align }

// enrol gives a segment its number.
func (a *atlas) enrol(seg *segment) {
	if n := len(a.free); n > 0 {
		seg.number, a.free = a.free[n-1], a.free[:n-1]
		a.segments[seg.number] = seg
		return
	}
	if a.segments == nil {
		a.segments = make([]*segment, 1)
	}
	seg.number = uint32(len(a.segments))
	a.segments = append(a.segments, seg)
}

// dismiss takes the number of a segment, in which nothing lies any more.
func (a *atlas) dismiss(seg *segment) {
	a.segments[seg.number] = nil
	a.free = append(a.free, seg.number)
}

// home is where in the table one begins to look for a hash, which is as good as drawn by chance.
func (a *atlas) home(h method.Hash) uint32 {
	return uint32(binary.LittleEndian.Uint64(h[:])) & uint32(len(a.table)-1)
}

func (a *atlas) next(i uint32) uint32 { return (i + 1) & uint32(len(a.table)-1) }

// of is what is known at a spot.
func (a *atlas) of(s spot) *known { return &a.segments[s.segment].known[s.at] }

// look is where in the table a hash stands, or would.
func (a *atlas) look(h method.Hash) (i uint32, found bool) {
	if len(a.table) == 0 {
		return 0, false
	}
	for i = a.home(h); a.table[i] != (spot{}); i = a.next(i) {
		if a.of(a.table[i]).hash == h {
			return i, true
		}
	}
	return i, false
}

// find is where a blob lies, if that is known.
func (a *atlas) find(h method.Hash) (p place, ok bool) {
	i, ok := a.look(h)
	if ok {
		p = place{a.segments[a.table[i].segment], *a.of(a.table[i])}
	}
	return p, ok
}

// put has a blob lie where its segment has just come to know it, wherever it lay before.
func (a *atlas) put(seg *segment, at int) {
	a.grow()
	i, found := a.look(seg.known[at].hash)
	if !found {
		a.used++
	}
	a.table[i] = spot{seg.number, uint32(at)}
}

// grow has room for one more.
func (a *atlas) grow() {
	if 4*(a.used+1) <= 3*len(a.table) {
		return
	}
	old := a.table
	a.table = make([]spot, max(64, 2*len(old)))
	for _, s := range old {
		if s != (spot{}) {
			i, _ := a.look(a.of(s).hash)
			a.table[i] = s
		}
	}
}

// lies says whether a blob lies where a segment knows it, and not elsewhere by now.
func (a *atlas) lies(seg *segment, at int) bool {
	i, found := a.look(seg.known[at].hash)
	return found && a.table[i] == spot{seg.number, uint32(at)}
}

// forget forgets a blob. Those behind it move up, so that none is looked for in vain.
func (a *atlas) forget(h method.Hash) {
	gap, found := a.look(h)
	if !found {
		return
	}
	a.used--
	for i := a.next(gap); a.table[i] != (spot{}); i = a.next(i) {
		mask := uint32(len(a.table) - 1)
		if home := a.home(a.of(a.table[i]).hash); (i-home)&mask >= (i-gap)&mask {
			a.table[gap], gap = a.table[i], i
		}
	}
	a.table[gap] = spot{}
}
