package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gatherPairs is [work.gather] of all rows of a tile of two columns at once, on AVX-512: up
// to sixteen sums go down one tree side by side, where a row's own two would leave most
// lanes idle. who follows which sum a lane belongs to.
func (w *work) gatherPairs(acc [][]vec, t, u reg.VecPhysical, z, zRow reg.Register) {
	var rs []reg.VecPhysical
	var who [][16]int
	for i, row := range acc {
		for j, v := range row {
			rs = append(rs, v[0])
			var of [16]int
			for l := range of {
				of[l] = 2*i + j
			}
			who = append(who, of)
		}
	}
	for fold := 8; fold > 0; fold /= 2 {
		var nextR []reg.VecPhysical
		var nextW [][16]int
		for i := 0; i < len(rs); i += 2 {
			p, q := i, min(i+1, len(rs)-1)
			lo, hi := foldMasks[fold][0], foldMasks[fold][1]
			if fold > 2 {
				VSHUFF64X2(U8(lo), rs[q], rs[p], t)
				VSHUFF64X2(U8(hi), rs[q], rs[p], u)
			} else {
				VSHUFPS(U8(lo), rs[q], rs[p], t)
				VSHUFPS(U8(hi), rs[q], rs[p], u)
			}
			VADDPS(u, t, rs[p])
			nextR, nextW = append(nextR, rs[p]), append(nextW, folded(fold, who[p], who[q]))
		}
		rs, who = nextR, nextW
	}
	r := rs[0]
	VBROADCASTSS(field(w.t, thinScale), t)
	VMULPS(t, r, r)
	var order [16]uint32
	for sum := range 2 * len(acc) {
		for l, of := range who[0] {
			if of == sum {
				order[sum] = uint32(l)
				break
			}
		}
	}
	VMOVUPS(words(fmt.Sprintf("pairs%d", len(acc)), func(i int) uint32 { return order[i] }), t)
	VPERMPS(r, t, r)
	for i := range acc {
		x := r.AsX()
		if i >= 2 {
			if x = t.AsX(); i%2 == 0 {
				VEXTRACTF32X4(U8(i/2), r, x)
			}
		}
		if i%2 == 0 {
			VMOVLPS(x, Mem{Base: z})
		} else {
			VMOVHPS(x, Mem{Base: z})
		}
		if i < len(acc)-1 {
			ADDQ(zRow, z)
		}
	}
}

// foldMasks pick, of two registers, the lanes that stand first in a fold and those that are
// added to them: by quarters of a register for folds of eight and four, else in each quarter.
var foldMasks = map[int][2]uint8{8: {0x44, 0xEE}, 4: {0x88, 0xDD}, 2: {0x44, 0xEE}, 1: {0x88, 0xDD}}

// folded is whose the lanes are then.
func folded(fold int, p, q [16]int) (of [16]int) {
	lo := foldMasks[fold][0]
	for l := range of {
		from, pick := p, l%4 // in a quarter
		if fold > 2 {
			pick = l / 4 // of the quarters
		}
		if pick >= 2 {
			from = q
		}
		at := int(lo>>(2*pick)) & 3
		if fold > 2 {
			of[l] = from[4*at+l%4]
		} else {
			of[l] = from[l/4*4+at]
		}
	}
	return of
}
