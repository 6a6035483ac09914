package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's thinArgs, by their offsets.
const (
	thinN         = 8 * iota // numbers of the shared side
	thinX                    // rows of the left side
	thinXRow                 // bytes to the next
	thinA                    // rows of the right side
	thinARow                 // bytes to the next
	thinZ                    // the result
	thinZRow                 // bytes to its next row
	thinCount                // tiles below one another
	thinXOff                 // how far the kernel has come in x
	thinZOff                 // and in z
	thinScale                // 4 bytes: every sum is multiplied by it
	thinList                 // numbers of x's rows, 4 bytes each: of kernels that have them listed
	thinTimes                // for each listed row a number that multiplies its sums last
	thinTimesStep            // bytes to the next: 4, or 0 for the same again
	thinListOff              // how far the kernel has come in the list
	thinTimesOff             // and in these
)

// thinListed is how many listed rows a tile has, at most: each needs a pointer.
const thinListed = 6

// thinRows is how many rows a tile of so many columns has, at most: sums enough to hide
// latency, no more than registers.
var thinRows = map[bool][]int{
	true:  {0, 8, 8, 7, 6, 4, 4, 3, 3},
	false: {0, 4, 2, 1, 1},
}

func thin() {
	for _, s := range []isa{avx512, avx2} {
		for cols, most := range thinRows[s.wide] {
			for rows := 1; rows <= most; rows++ {
				thinTile(s, rows, cols, false)
			}
		}
	}
}

// thinTile writes z = scale·x·aᵀ for tiles of rows×cols, the lanes along the shared side.
// Listed rows of x lie where a list says, and what comes of them is multiplied once more.
func thinTile(s isa, rows, cols int, listed bool) {
	name := "thin"
	if listed {
		name = "listed"
	}
	w := row(s, fmt.Sprintf("%s%dx%dv", name, rows, cols), fmt.Sprintf("makes tiles of %d rows and %d columns.", rows, cols))
	acc := make([][]vec, rows)
	for i := range acc {
		for range cols {
			acc[i] = append(acc[i], w.vec())
		}
	}
	rest := w.free
	xs, y, mask := rest[:rows], rest[rows], rest[rows+1:] // of a whole register
	n := GP64()
	MOVQ(field(w.t, thinN), n)
	if s.wide {
		w.prepare(n)
	}
	aRow, xRow := GP64(), GP64()
	MOVQ(field(w.t, thinARow), aRow)
	MOVQ(field(w.t, thinXRow), xRow)
	Label("tile")
	for i := range acc {
		for _, v := range acc[i] {
			w.clear(v)
		}
	}
	x, a := GP64(), GP64()
	MOVQ(field(w.t, thinX), x)
	if !listed {
		ADDQ(field(w.t, thinXOff), x)
	}
	MOVQ(field(w.t, thinA), a)
	px, xAt := w.thinRowsOf(x, xRow, rows, listed)
	pa := fan(a, aRow, cols)
	ahead := w.thinAhead(x, xRow, rows, listed && cols == 8)
	step := func(disp int, tail bool) {
		for half := range 64 / w.bytes() {
			at := disp + half*w.bytes()
			get := func(m Mem, r reg.VecPhysical) {
				if tail {
					var k reg.VecPhysical
					if !s.wide {
						k = mask[0]
					}
					w.maskedLoad(m, k, r)
				} else {
					w.load(m, r)
				}
			}
			if tail && !s.wide {
				w.maskHalf(n, half, mask[0])
			}
			for i := range rows {
				get(xAt(i, at), xs[i])
			}
			for j := range cols {
				get(reach(pa, aRow, j, at), y)
				for i := range rows {
					w.isa.fma(y, xs[i], acc[i][j][half])
				}
			}
		}
	}
	on := func(ps []reg.GPVirtual, by Op) {
		for _, p := range ps {
			ADDQ(by, p)
		}
	}
	blocks := GP64()
	MOVQ(n, blocks)
	SHRQ(U8(5), blocks)
	JZ(LabelRef("last"))
	Label("block")
	for _, p := range ahead {
		PREFETCHT0(Mem{Base: p})
		PREFETCHT0(Mem{Base: p, Disp: 64})
	}
	step(0, false)
	step(64, false)
	on(ahead, U32(128))
	on(px, U32(128))
	on(pa, U32(128))
	DECQ(blocks)
	JNZ(LabelRef("block"))
	Label("last")
	TESTQ(U32(16), n)
	JZ(LabelRef("tail"))
	step(0, false)
	on(px, U32(64))
	on(pa, U32(64))
	Label("tail")
	TESTQ(U32(15), n)
	JZ(LabelRef("summed"))
	step(0, true)
	Label("summed")
	z, zRow := GP64(), GP64()
	MOVQ(field(w.t, thinZ), z)
	ADDQ(field(w.t, thinZOff), z)
	MOVQ(field(w.t, thinZRow), zRow)
	if s.wide && cols == 2 && !listed {
		w.gatherPairs(acc, rest[0], rest[1], z, zRow)
	} else {
		for i := range rows {
			w.gather(acc[i], rest[0], rest[1], z, listed)
			if i < rows-1 {
				ADDQ(zRow, z)
			}
		}
	}
	off := GP64()
	moves := [][2]int{{thinXRow, thinXOff}, {thinZRow, thinZOff}}
	if listed {
		ADDQ(U8(4*rows), field(w.t, thinListOff))
		moves = moves[1:]
	}
	for _, o := range moves {
		MOVQ(field(w.t, o[0]), off)
		IMUL3Q(U8(rows), off, off)
		ADDQ(off, field(w.t, o[1]))
	}
	DECQ(field(w.t, thinCount))
	JNZ(LabelRef("tile"))
	end()
}

// thinRowsOf sets the pointers to a tile's rows, and gives where row i is, disp bytes along.
func (w *work) thinRowsOf(x, xRow reg.GPVirtual, rows int, listed bool) ([]reg.GPVirtual, func(i, disp int) Mem) {
	if !listed {
		px := fan(x, xRow, rows)
		return px, func(i, disp int) Mem { return reach(px, xRow, i, disp) }
	}
	list, px := GP64(), make([]reg.GPVirtual, rows)
	MOVQ(field(w.t, thinList), list)
	ADDQ(field(w.t, thinListOff), list)
	for i := range px {
		px[i] = GP64()
		MOVLQSX(Mem{Base: list, Disp: 4 * i}, px[i])
		IMULQ(xRow, px[i])
		ADDQ(x, px[i])
	}
	return px, func(i, disp int) Mem { return Mem{Base: px[i], Disp: disp} }
}

// thinAhead are pointers to the next tile's listed rows, which lie anywhere, so that no
// processor foresees them; after the last tile comes the same again. None where the tile is so
// high that registers do not suffice.
func (w *work) thinAhead(x, xRow reg.GPVirtual, rows int, wanted bool) []reg.GPVirtual {
	if !wanted {
		return nil
	}
	list, next := GP64(), GP64()
	MOVQ(field(w.t, thinList), list)
	ADDQ(field(w.t, thinListOff), list)
	LEAQ(Mem{Base: list, Disp: 4 * rows}, next)
	CMPQ(field(w.t, thinCount), U8(1))
	CMOVQHI(next, list)
	ps := make([]reg.GPVirtual, rows)
	for i := range ps {
		ps[i] = GP64()
		MOVLQSX(Mem{Base: list, Disp: 4 * i}, ps[i])
		IMULQ(xRow, ps[i])
		ADDQ(x, ps[i])
	}
	return ps
}

// fan sets pointers to rows 0, 3, 6, … of n.
func fan(p, step reg.GPVirtual, n int) []reg.GPVirtual {
	ps := []reg.GPVirtual{p}
	for i := 3; i < n; i += 3 {
		next := GP64()
		LEAQ(Mem{Base: ps[len(ps)-1], Index: step, Scale: 2}, next)
		ADDQ(step, next)
		ps = append(ps, next)
	}
	return ps
}

// reach is row i of a fan, disp bytes along.
func reach(ps []reg.GPVirtual, step reg.GPVirtual, i, disp int) Mem {
	m := Mem{Base: ps[i/3], Disp: disp}
	if i%3 > 0 {
		m.Index, m.Scale = step, uint8(i%3)
	}
	return m
}

// maskHalf makes AVX2's mask of one half of n's last sixteenth.
func (w *work) maskHalf(n reg.Register, half int, r reg.VecPhysical) {
	rest, at := GP64(), GP64()
	MOVQ(n, rest)
	ANDQ(U8(15), rest)
	SHLQ(U8(2), rest)
	LEAQ(windowTable(), at)
	SUBQ(rest, at)
	VMOVUPS(Mem{Base: at, Disp: 64 + 32*half}, r)
}

// gather folds the lanes of a row's sums by the tree, side by side, and stores them. who
// follows which sum a lane belongs to.
func (w *work) gather(sums []vec, t, u reg.VecPhysical, z reg.Register, listed bool) {
	cols := len(sums)
	var rs []reg.VecPhysical
	var who [][8]int
	for j, v := range sums {
		if w.wide {
			VEXTRACTF64X4(U8(1), v[0], t.AsY())
			VADDPS(t.AsY(), v[0].AsY(), v[0].AsY())
		} else {
			VADDPS(v[1], v[0], v[0])
		}
		rs = append(rs, v[0])
		who = append(who, [8]int{j, j, j, j, j, j, j, j})
	}
	for fold := 4; fold > 0; fold /= 2 {
		var nextR []reg.VecPhysical
		var nextW [][8]int
		for i := 0; i < len(rs); i += 2 {
			p, q := i, min(i+1, len(rs)-1)
			var of [8]int
			w.pair(fold, rs[p].AsY(), rs[q].AsY(), t.AsY(), u.AsY())
			for l := range of {
				of[l] = pairLane(fold, who[p], who[q], l)
			}
			VADDPS(u.AsY(), t.AsY(), rs[p].AsY())
			nextR, nextW = append(nextR, rs[p]), append(nextW, of)
		}
		rs, who = nextR, nextW
	}
	y := rs[0].AsY()
	VBROADCASTSS(field(w.t, thinScale), t.AsY())
	VMULPS(t.AsY(), y, y)
	if listed {
		times, step := GP64(), GP64()
		MOVQ(field(w.t, thinTimes), times)
		ADDQ(field(w.t, thinTimesOff), times)
		VBROADCASTSS(Mem{Base: times}, t.AsY())
		MOVQ(field(w.t, thinTimesStep), step)
		ADDQ(step, field(w.t, thinTimesOff))
		VMULPS(t.AsY(), y, y)
	}
	var order [8]uint32
	for j := range cols {
		for l, of := range who[0] {
			if of == j {
				order[j] = uint32(l)
				break
			}
		}
	}
	VMOVUPS(orderTable(order), t.AsY())
	VPERMPS(y, t.AsY(), y)
	switch {
	case cols == 8:
		VMOVUPS(y, Mem{Base: z})
	case cols == 4:
		VMOVUPS(rs[0].AsX(), Mem{Base: z})
	case cols == 1:
		VMOVSS(rs[0].AsX(), Mem{Base: z})
	case w.wide:
		bits := GP32()
		MOVL(U32(1<<cols-1), bits)
		KMOVW(bits, reg.K2)
		VMOVUPS(y, reg.K2, Mem{Base: z})
	default:
		m := windowTable()
		m.Disp = 64 - 4*cols
		VMOVUPS(m, t.AsY())
		VMASKMOVPS(y, t.AsY(), Mem{Base: z})
	}
}

// pair puts into lo and hi the lanes of p and q that a fold adds up.
func (w *work) pair(fold int, p, q, lo, hi reg.Register) {
	switch {
	case fold == 4 && w.wide:
		VSHUFF64X2(U8(0), q, p, lo)
		VSHUFF64X2(U8(3), q, p, hi)
	case fold == 4:
		VPERM2F128(U8(0x20), q, p, lo)
		VPERM2F128(U8(0x31), q, p, hi)
	case fold == 2:
		VSHUFPS(U8(0x44), q, p, lo)
		VSHUFPS(U8(0xEE), q, p, hi)
	default:
		VSHUFPS(U8(0x88), q, p, lo)
		VSHUFPS(U8(0xDD), q, p, hi)
	}
}

// pairLane is whose lane l of a pair is.
func pairLane(fold int, p, q [8]int, l int) int {
	switch fold {
	case 4: // low half of p, low half of q
		if l < 4 {
			return p[l]
		}
		return q[l-4]
	case 2: // in each half: two of p, two of q
		if l%4 < 2 {
			return p[l]
		}
		return q[l-2]
	default: // in each half: the even ones of p, of q
		half, k := l/4*4, l%4
		if k < 2 {
			return p[half+2*k]
		}
		return q[half+2*(k-2)]
	}
}

var orders = map[[8]uint32]Mem{}

func orderTable(order [8]uint32) Mem {
	m, ok := orders[order]
	if !ok {
		m = GLOBL(fmt.Sprintf("order%d", len(orders)), attr.RODATA|attr.NOPTR)
		for i, l := range order {
			DATA(4*i, U32(l))
		}
		orders[order] = m
	}
	return m
}
