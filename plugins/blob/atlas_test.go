package blob

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// crowded are hashes of which many begin alike, so that they want the same place in the table.
func crowded(dice *rand.Rand, n int) (all []method.Hash) {
	for i := range n {
		var h method.Hash
		binary.LittleEndian.PutUint64(h[:], uint64(dice.IntN(8))*uint64(n)/8)
		binary.LittleEndian.PutUint64(h[8:], uint64(i))
		all = append(all, h)
	}
	return all
}

// Whatever comes, moves and goes, in whatever order, is where it was put last, as in a map.
func TestAtlas(t *testing.T) {
	for seed := range uint64(30) {
		dice := rand.New(rand.NewPCG(seed, 0))
		hashes := crowded(dice, 200)
		var a atlas
		segments := make([]*segment, 5)
		for i := range segments {
			segments[i] = &segment{}
			a.enrol(segments[i])
		}
		type spot struct {
			seg *segment
			at  int
		}
		want := map[method.Hash]spot{}
		for range 3000 {
			h := hashes[dice.IntN(len(hashes))]
			switch dice.IntN(5) {
			case 0, 1:
				seg := segments[dice.IntN(len(segments))]
				at := seg.knows(h, int64(len(seg.known))*align, 7, 3)
				a.put(seg, at)
				want[h] = spot{seg, at}
			case 2, 3:
				a.forget(h)
				delete(want, h)
			default: // a segment ends, and another takes its number
				if dice.IntN(20) > 0 {
					continue
				}
				i := dice.IntN(len(segments))
				for at, k := range segments[i].known {
					if lies := a.lies(segments[i], at); lies != (want[k.hash] == spot{segments[i], at}) {
						t.Fatalf("seed %d: blob %d of a segment lies in it: %v", seed, at, lies)
					} else if lies {
						a.forget(k.hash)
						delete(want, k.hash)
					}
				}
				a.dismiss(segments[i])
				segments[i] = &segment{}
				a.enrol(segments[i])
			}
			if a.used != len(want) {
				t.Fatalf("seed %d: %d blobs, %d were expected", seed, a.used, len(want))
			}
			for _, h := range hashes {
				p, ok := a.find(h)
				if x, is := want[h]; ok != is || ok && (p.seg != x.seg || p.offset() != int64(x.at)*align || p.length != 7 || p.put != 3 || p.hash != h) {
					t.Fatalf("seed %d: %x is at %v (%v); %v was expected (%v)", seed, h[:9], p, ok, x, is)
				}
			}
		}
		if len(a.segments) != len(segments)+1 {
			t.Errorf("seed %d: %d segments have had %d numbers", seed, len(segments), len(a.segments)-1)
		}
	}
}
