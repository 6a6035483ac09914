package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Kernels of rows that lie anywhere: a mixture's experts take theirs from where they are,
// and add to them there.

// The fields of linalg/kernel's scatterArgs, by their offsets.
const (
	scatterK       = 8 * iota // steps along the shared side
	scatterA                  // the left side
	scatterARow               // bytes to its next row
	scatterB                  // first vector of the panels
	scatterBPanel             // bytes to the next pair of vectors
	scatterC                  // the matrix that has the rows
	scatterCRow               // bytes to its next row
	scatterList               // numbers of rows, 4 bytes each
	scatterMask               // of the last vector, as a tile's
	scatterCount              // tiles
	scatterAOff               // how far the kernel has come in a
	scatterListOff            // and in the list
)

// scatterRows is how many rows a tile of so many vectors has, at most.
var scatterRows = map[bool]map[int]int{
	true:  {8: 3, 4: 4, 2: 4, 1: 4},
	false: {4: 3, 2: 4},
}

func scattered() {
	for _, s := range []isa{avx512, avx2} {
		for _, vecs := range []int{1, 2, 4, 8} {
			for rows := 1; rows <= scatterRows[s.wide][vecs]; rows++ {
				scatter(s, rows, vecs)
			}
		}
		for cols, most := range thinRows[s.wide] {
			for rows := 1; rows <= min(most, thinListed); rows++ {
				thinTile(s, rows, cols, true)
			}
		}
		topTwo(s)
	}
	ask()
}

// The fields of linalg/kernel's askArgs, by their offsets.
const (
	askP     = 8 * iota // where the lines begin
	askLines            // how many, of 64 bytes
)

// ask has lines of memory brought near.
func ask() {
	text("ask", "has lines of memory brought into the second cache.")
	t, p, n := Load(Param("t"), GP64()), GP64(), GP64()
	MOVQ(field(t, askP), p)
	MOVQ(field(t, askLines), n)
	Label("line")
	PREFETCHT1(Mem{Base: p})
	ADDQ(U8(64), p)
	DECQ(n)
	JNZ(LabelRef("line"))
	end()
}

// scatterOf is a kernel of rows×vecs sums under construction.
type scatterOf struct {
	isa
	rows, vecs int
	t          reg.Register
	acc        [][]reg.VecPhysical
	x, y       []reg.VecPhysical // numbers of a, and of a step of b
	to, a      []reg.GPVirtual   // rows of c; rows 0, 3, … of a
	aRow       reg.GPVirtual
}

// scatter writes c[list[i]] += a[i]·b for count tiles of rows×vecs.
func scatter(s isa, rows, vecs int) {
	k := &scatterOf{isa: s, rows: rows, vecs: vecs, aRow: GP64()}
	text(fmt.Sprintf("scatter%dx%dv%s", rows, vecs, s.name), fmt.Sprintf("adds products to %d rows at a time, %d vectors of each.", rows, vecs))
	k.t = Load(Param("t"), GP64())
	z := s.registers()
	for range rows {
		k.acc, z = append(k.acc, z[:vecs]), z[vecs:]
		k.to = append(k.to, GP64())
	}
	k.x, k.y = z[:rows], z[rows:]
	if s.wide {
		m := GP64()
		MOVQ(field(k.t, scatterMask), m)
		KMOVW(m.As32(), reg.K1)
	}
	MOVQ(field(k.t, scatterARow), k.aRow)
	Label("tile")
	k.aim()
	k.visit("begin", func(m Mem, mask, r reg.VecPhysical, masked bool) {
		if masked {
			k.maskedLoad(m, mask, r)
		} else {
			k.load(m, r)
		}
	})
	k.call()
	k.chain()
	k.visit("store", func(m Mem, mask, r reg.VecPhysical, masked bool) {
		if masked {
			k.maskedStore(r, mask, m)
		} else {
			k.store(r, m)
		}
	})
	off := GP64()
	IMUL3Q(U8(rows), k.aRow, off)
	ADDQ(off, field(k.t, scatterAOff))
	ADDQ(U8(4*rows), field(k.t, scatterListOff))
	DECQ(field(k.t, scatterCount))
	JNZ(LabelRef("tile"))
	end()
}

// aim finds the rows of the tile.
func (k *scatterOf) aim() {
	list, c, step := GP64(), GP64(), GP64()
	MOVQ(field(k.t, scatterList), list)
	ADDQ(field(k.t, scatterListOff), list)
	MOVQ(field(k.t, scatterC), c)
	MOVQ(field(k.t, scatterCRow), step)
	for i, p := range k.to {
		MOVLQSX(Mem{Base: list, Disp: 4 * i}, p)
		IMULQ(step, p)
		ADDQ(c, p)
	}
}

// call calls for the rows of the next tile, if there is one.
func (k *scatterOf) call() {
	list, p, c, step := GP64(), GP64(), GP64(), GP64()
	CMPQ(field(k.t, scatterCount), U8(1))
	JE(LabelRef("called"))
	MOVQ(field(k.t, scatterList), list)
	ADDQ(field(k.t, scatterListOff), list)
	MOVQ(field(k.t, scatterC), c)
	MOVQ(field(k.t, scatterCRow), step)
	for i := range k.rows {
		MOVLQSX(Mem{Base: list, Disp: 4 * (k.rows + i)}, p)
		IMULQ(step, p)
		ADDQ(c, p)
		for j := 0; j < k.vecs; j += max(1, 64/k.bytes()) {
			PREFETCHT0(Mem{Base: p, Disp: k.bytes() * j})
		}
	}
	Label("called")
}

// visit goes to every sum and its place in c, the last vector being masked; of AVX2 the
// last two, if they are.
func (k *scatterOf) visit(label string, do func(m Mem, mask, r reg.VecPhysical, masked bool)) {
	all := func(masks []reg.VecPhysical) {
		free := k.vecs - len(masks)
		for i, sums := range k.acc {
			for j, r := range sums {
				m := Mem{Base: k.to[i], Disp: k.bytes() * j}
				if j < free {
					do(m, nil, r, false)
				} else {
					do(m, masks[j-free], r, true)
				}
			}
		}
	}
	if k.wide {
		all(make([]reg.VecPhysical, 1))
		return
	}
	mask := GP64()
	MOVQ(field(k.t, scatterMask), mask)
	TESTQ(mask, mask)
	JNZ(LabelRef(label + "masked"))
	all(nil)
	JMP(LabelRef(label + "done"))
	Label(label + "masked")
	VMOVUPS(Mem{Base: mask}, k.x[0])
	VMOVUPS(Mem{Base: mask, Disp: 32}, k.y[0])
	all([]reg.VecPhysical{k.x[0], k.y[0]})
	Label(label + "done")
}

// chain runs the steps of the shared side.
func (k *scatterOf) chain() {
	steps, first, b, panel := GP64(), GP64(), GP64(), GP64()
	MOVQ(field(k.t, scatterK), steps)
	MOVQ(field(k.t, scatterA), first)
	ADDQ(field(k.t, scatterAOff), first)
	k.a = fan(first, k.aRow, k.rows)
	MOVQ(field(k.t, scatterB), b)
	MOVQ(field(k.t, scatterBPanel), panel)
	half := []reg.GPVirtual{b}
	if k.vecs > 4 {
		far := GP64()
		LEAQ(Mem{Base: b, Index: panel, Scale: 2}, far)
		half = append(half, far)
	}
	Label("step")
	for i, r := range k.x {
		k.broadcast(reach(k.a, k.aRow, i, 0), r)
	}
	for j := range k.vecs {
		m := Mem{Base: half[j/4], Disp: k.bytes() * (j % 2)}
		if j%4 >= 2 {
			m.Index, m.Scale = panel, 1
		}
		y := k.y[j%len(k.y)]
		k.load(m, y)
		for i, x := range k.x {
			k.fma(x, y, k.acc[i][j])
		}
	}
	for _, p := range k.a {
		ADDQ(U8(4), p)
	}
	for _, p := range half {
		ADDQ(U32(128), p)
	}
	DECQ(steps)
	JNZ(LabelRef("step"))
}

// topTwo finds the two largest of each row's numbers. Each becomes a whole number that has
// the order of the numbers above that of their places, the first highest; −0 is 0, and what
// is no number is beyond all of its sign.
func topTwo(s isa) {
	w := row(s, "topTwo", "leaves at p1 the places of the two largest numbers in each of m rows of p0.")
	n := w.n()
	key, place, q, top, next, low := w.vec(), w.vec(), w.vec(), w.vec(), w.vec(), w.vec()
	spare := w.free[0] // of AVX2: a comparison
	Label("row")
	p := w.p(0)[0]
	w.move(Op(words("least", func(int) uint32 { return 1 << 31 })), top)
	w.move(top, next)
	w.move(Op(words("places", func(i int) uint32 { return 1<<31 - 1 - uint32(i) })), place)
	if !w.wide {
		VMOVUPS(after(words("places", nil), 32), place[1])
	}
	w.over("number", n, []reg.GPVirtual{p}, func(tail bool) {
		w.get(p, tail, key)
		w.add(key, w.c(0), key)
		for i, r := range key {
			w.turn(r, q[i])
		}
		if tail {
			w.move(Op(words("least", nil)), q)
			w.within(key, q)
		}
		for _, part := range []func(...Op){VPUNPCKLDQ, VPUNPCKHDQ} {
			for i := range q {
				part(key[i], place[i], q[i])
				w.pick(q[i], top[i], low[i], spare, false)
				w.pick(q[i], top[i], top[i], spare, true)
				w.pick(low[i], next[i], next[i], spare, true)
			}
		}
		for _, r := range place {
			if w.wide {
				VPSUBD(Op(words("sixteen", func(int) uint32 { return 16 })), r, r)
			} else {
				VPSUBD(words("sixteen", func(int) uint32 { return 16 }), r, r)
			}
		}
	})
	w.foldTwo(top[0], next[0], key[0], q[0], low[0], spare, top, next)
	VPUNPCKLDQ(next[0].AsX(), top[0].AsX(), top[0].AsX())
	VMOVDQU(words("last", func(int) uint32 { return 1<<31 - 1 }), next[0].AsX())
	VPSUBD(top[0].AsX(), next[0].AsX(), top[0].AsX())
	to := w.p(1)[0]
	VMOVQ(top[0].AsX(), Mem{Base: to})
	w.rowsDone("row", []int{0}, []int{1, 1})
	end()
}

// turn gives the bits of numbers the order of whole numbers.
func (w *work) turn(r, sign reg.VecPhysical) {
	most := words("last", func(int) uint32 { return 1<<31 - 1 })
	VPSRAD(U8(31), r, sign)
	if w.wide {
		VPANDD(most, sign, sign)
		VPXORD(sign, r, r)
		return
	}
	VPAND(most, sign, sign)
	VPXOR(sign, r, r)
}

// pick is the larger, or smaller, of two whole numbers of 64 bits, lane by lane.
func (w *work) pick(x, y, to, spare reg.Register, larger bool) {
	switch {
	case w.wide && larger:
		VPMAXSQ(x, y, to)
	case w.wide:
		VPMINSQ(x, y, to)
	case larger:
		VPCMPGTQ(y, x, spare)
		VBLENDVPD(spare, x, y, to)
	default:
		VPCMPGTQ(y, x, spare)
		VBLENDVPD(spare, y, x, to)
	}
}

// foldTwo brings the largest and the next of eight lanes into the first.
func (w *work) foldTwo(top, next, a, b, c, spare reg.VecPhysical, tops, nexts vec) {
	merge := func(size func(reg.VecPhysical) reg.Register) {
		t, n, x, y, low, s := size(top), size(next), size(a), size(b), size(c), size(spare)
		w.pick(x, t, low, s, false)
		w.pick(x, t, t, s, true)
		w.pick(y, n, n, s, true)
		w.pick(low, n, n, s, true)
	}
	asY := func(r reg.VecPhysical) reg.Register { return r.AsY() }
	asX := func(r reg.VecPhysical) reg.Register { return r.AsX() }
	if w.wide {
		VEXTRACTI64X4(U8(1), top, a.AsY())
		VEXTRACTI64X4(U8(1), next, b.AsY())
	} else {
		VMOVDQA(tops[1], a)
		VMOVDQA(nexts[1], b)
	}
	merge(asY)
	VEXTRACTI128(U8(1), top.AsY(), a.AsX())
	VEXTRACTI128(U8(1), next.AsY(), b.AsX())
	merge(asX)
	VPSHUFD(U8(0x4E), top.AsX(), a.AsX())
	VPSHUFD(U8(0x4E), next.AsX(), b.AsX())
	merge(asX)
}

var wordTables = map[string]Mem{}

// words is a table of sixteen words.
func words(name string, word func(int) uint32) Mem {
	m, ok := wordTables[name]
	if !ok {
		m = GLOBL(name, attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(word(i)))
		}
		wordTables[name] = m
	}
	return m
}

func after(m Mem, disp int) Mem {
	m.Disp += disp
	return m
}
