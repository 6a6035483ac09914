//go:build amd64 && !purego

package kernel

import (
	"fmt"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
)

// Stairs are the oracle's products of matrices with zeros where nothing is seen.
func TestStairsAreTheOracles(t *testing.T) {
	s := rng.New(52).Stream()
	for road, f := range roads(t) {
		for _, n := range [][4]int{{1, 1, 1, 0}, {5, 5, 4, 0}, {14, 14, 16, 0}, {16, 16, 17, 0}, {33, 40, 31, 7}, {64, 130, 33, 60}, {40, 40, 70, 0}, {200, 210, 9, 3}, {9, 70, 128, 61}, {1, 40, 64, 39}, {2, 9, 130, 7}, {3, 33, 31, 30}, {6, 6, 50, 0}} {
			rows, keys, w, first := n[0], n[1], n[2], n[3]
			for _, see := range []Sight{{First: first, Causal: true}, {}} {
				name := fmt.Sprintf("%s %v %+v", road, n, see)
				p, q, v, o := inside(s, rows, keys), inside(s, rows, w), inside(s, keys, w), inside(s, rows, w)
				want := copyOf(p)
				oracle(want, q, v, false, true, false)
				f.scores(p, q, v, 1, see)
				seen, grow := keys, 0
				if see.Causal {
					seen, grow = first+1, 1
				}
				for i := range rows {
					clear(p.Row(i)[seen+i*grow:])
					clear(want.Row(i)[seen+i*grow:])
				}
				same(t, name+" scores", p, want)

				sum := copyOf(o)
				oracle(sum, p, v, false, false, false)
				f.gather(o, p, v, 1, seen, grow)
				same(t, name+" gather", o, sum)

				sum = copyOf(v)
				oracle(sum, p, q, true, false, true)
				fresh := copyOf(v)
				f.scatter(v, p, q, 1, seen, grow, true)
				same(t, name+" scatter", v, sum)
				if see.covers(rows, keys, false) {
					oracle(sum, p, q, true, false, false)
					f.scatter(fresh, p, q, 1, seen, grow, false)
					same(t, name+" scatter that begins", fresh, sum)
				}
			}
		}
	}
}
