package main

import (
	"fmt"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The ends of a tile: where its sums begin, and what becomes of them.

// soon is how many steps are over before a line of c that is called for has come: calling
// would only take time from the stores.
const soon = 12

// begin sets the sums to what from holds, or to zero.
func (k *tileOf) begin() {
	c, from := GP64(), GP64()
	row := GP64()
	if k.spreads() {
		k.schedule()
	}
	CMPQ(field(k.t, tileK), U8(soon))
	JLE(LabelRef("near"))
	MOVQ(field(k.t, tileC), c)
	ADDQ(field(k.t, tileCOff), c)
	MOVQ(field(k.t, tileCRow), row)
	k.callRows(c, row)
	k.callTimes()
	Label("near")
	MOVQ(field(k.t, tileFrom), from)
	TESTQ(from, from)
	JZ(LabelRef("zero"))
	ADDQ(field(k.t, tileFromOff), from)
	MOVQ(field(k.t, tileFromRow), row)
	k.each("begin", from, row, func(m Mem, mask, r reg.VecPhysical, masked bool) {
		if masked {
			k.maskedLoad(m, mask, r)
		} else {
			k.load(m, r)
		}
	})
	JMP(LabelRef("begun"))
	Label("zero")
	for i := range k.acc {
		for _, r := range k.acc[i] {
			k.zero(r)
		}
	}
	Label("begun")
}

// each visits every sum with its place in a matrix, the last vector masked. For AVX2 the
// mask is of two vectors and there are two versions, since most tiles need none. The pointers
// beside go along, each by the row that follows it.
func (k *tileOf) each(label string, p, row reg.Register, do func(m Mem, mask, r reg.VecPhysical, masked bool), beside ...reg.GPVirtual) {
	visit := func(masked func(j int) (reg.VecPhysical, bool)) {
		for i := range k.rows {
			for j, r := range k.acc[i] {
				mask, is := masked(j)
				do(Mem{Base: p, Disp: k.bytes() * j}, mask, r, is)
			}
			if i == k.rows-1 {
				return
			}
			ADDQ(row, p)
			for j := 0; j < len(beside); j += 2 {
				ADDQ(beside[j+1], beside[j])
			}
		}
	}
	if k.wide {
		visit(func(j int) (reg.VecPhysical, bool) { return nil, j == k.vecs-1 })
		return
	}
	mask := GP64()
	MOVQ(field(k.t, tileMask), mask)
	TESTQ(mask, mask)
	JNZ(LabelRef(label + "masked"))
	visit(func(int) (reg.VecPhysical, bool) { return nil, false })
	JMP(LabelRef(label + "done"))
	Label(label + "masked")
	spare := append(slices.Clone(k.b), k.tmp...)
	masks := spare[len(spare)-2:]
	VMOVUPS(Mem{Base: mask}, masks[0])
	VMOVUPS(Mem{Base: mask, Disp: 32}, masks[1])
	visit(func(j int) (reg.VecPhysical, bool) {
		if j < k.vecs-2 {
			return nil, false
		}
		return masks[j-k.vecs+2], true
	})
	Label(label + "done")
}

// multiplies is whether the kernel can multiply its results by a matrix.
func (k *tileOf) multiplies() bool { return k.continues() && !k.double }

// spreads is whether the kernel calls for the lines of its end row by row while it goes through
// the steps: all at once they keep those waiting that the first steps need.
func (k *tileOf) spreads() bool { return k.reaches() && k.format == "" }

// schedule leaves word of what is to be called for, and goes on to "near" if the tile has steps
// enough to call for a row in every round of four.
func (k *tileOf) schedule() {
	p, row := GP64(), GP64()
	ends := [][4]int{{tileC, tileCOff, tileCRow, tileSoonC}, {tileTimes, tileTimesOff, tileTimesRow, tileSoonTimes}, {tileFork, tileForkOff, tileForkRow, tileSoonFork}}
	CMPQ(field(k.t, tileK), U8(4*k.rows))
	JLT(LabelRef("atonce"))
	for i, end := range ends {
		label := fmt.Sprint("scheduled", i)
		MOVQ(field(k.t, end[0]), p)
		TESTQ(p, p)
		JZ(LabelRef(label))
		ADDQ(field(k.t, end[1]), p)
		MOVQ(p, field(k.t, end[3]))
		MOVQ(field(k.t, end[2]), row)
		IMUL3Q(U8(k.rows), row, row)
		ADDQ(row, p)
		MOVQ(p, field(k.t, end[3]+8))
		Label(label)
	}
	JMP(LabelRef("near"))
	Label("atonce")
	XORQ(p, p)
	for _, end := range ends {
		MOVQ(p, field(k.t, end[3]+8))
	}
}

// callSome calls for a row of what the tile's end will want.
func (k *tileOf) callSome() {
	if !k.spreads() {
		return
	}
	p := GP64()
	lines := func() {
		PREFETCHT0(Mem{Base: p})
		PREFETCHT0(Mem{Base: p, Disp: 64})
	}
	call := func(soon, row int, more func()) {
		label := fmt.Sprint(k.part, "called", soon)
		MOVQ(field(k.t, soon), p)
		CMPQ(field(k.t, soon+8), p)
		JLE(LabelRef(label))
		lines()
		ADDQ(field(k.t, row), p)
		MOVQ(p, field(k.t, soon))
		more()
		Label(label)
	}
	call(tileSoonC, tileCRow, func() {})
	call(tileSoonTimes, tileTimesRow, func() {})
	other := func(row int) {
		ADDQ(field(k.t, tileApart), p)
		SUBQ(field(k.t, row), p)
		lines()
	}
	call(tileSoonFork, tileForkRow, func() {
		other(tileForkRow)
		MOVQ(field(k.t, tileSoonC), p) // a row on
		other(tileCRow)
	})
}

// callRows calls for the lines of the tile's rows that p points to, row bytes apart, and leaves p
// at the last of them.
func (k *tileOf) callRows(p, row reg.GPVirtual) {
	for i := range k.rows {
		for j := 0; j < k.vecs; j += max(1, 64/k.bytes()) {
			PREFETCHT0(Mem{Base: p, Disp: k.bytes() * j})
		}
		if i < k.rows-1 {
			ADDQ(row, p)
		}
	}
}

// callTimes calls for what the results will be multiplied by.
func (k *tileOf) callTimes() {
	if !k.multiplies() {
		return
	}
	p, row := GP64(), GP64()
	call := func(at, off, down int, halves ...int) {
		MOVQ(field(k.t, at), p)
		ADDQ(field(k.t, off), p)
		for _, half := range halves {
			ADDQ(field(k.t, half), p)
		}
		MOVQ(field(k.t, down), row)
		k.callRows(p, row)
	}
	CMPQ(field(k.t, tileTimes), U8(0))
	JE(LabelRef("called"))
	call(tileTimes, tileTimesOff, tileTimesRow)
	Label("called")
	CMPQ(field(k.t, tileFork), U8(0))
	JE(LabelRef("parted"))
	call(tileFork, tileForkOff, tileForkRow)
	call(tileFork, tileForkOff, tileForkRow, tileApart)
	call(tileC, tileCOff, tileCRow, tileApart)
	Label("parted")
}

// fork stores the results times the first half of a matrix where the second half of c is,
// and multiplies them by the second.
func (k *tileOf) fork() {
	p, row, to, down, apart := GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(field(k.t, tileFork), p)
	TESTQ(p, p)
	JZ(LabelRef("whole"))
	ADDQ(field(k.t, tileForkOff), p)
	MOVQ(field(k.t, tileForkRow), row)
	MOVQ(field(k.t, tileApart), apart)
	MOVQ(field(k.t, tileC), to)
	ADDQ(field(k.t, tileCOff), to)
	ADDQ(apart, to)
	MOVQ(field(k.t, tileCRow), down)
	x := k.b[0]
	k.each("fork", p, row, func(m Mem, mask, r reg.VecPhysical, masked bool) {
		second, other := m, Mem{Base: to, Disp: m.Disp}
		second.Index, second.Scale = apart, 1
		if masked {
			k.maskedLoad(m, mask, x)
			VMULPS(x, r, x)
			k.maskedStore(x, mask, other)
			k.maskedLoad(second, mask, x)
			VMULPS(x, r, r)
		} else {
			VMULPS(m, r, x)
			k.store(x, other)
			VMULPS(second, r, r)
		}
	}, to, down)
	Label("whole")
}

// times multiplies the results.
func (k *tileOf) times() {
	p, row := GP64(), GP64()
	MOVQ(field(k.t, tileTimes), p)
	TESTQ(p, p)
	JZ(LabelRef("store"))
	ADDQ(field(k.t, tileTimesOff), p)
	MOVQ(field(k.t, tileTimesRow), row)
	k.each("times", p, row, func(m Mem, mask, r reg.VecPhysical, masked bool) {
		if masked {
			k.maskedLoad(m, mask, k.b[0])
			VMULPS(k.b[0], r, r)
		} else {
			VMULPS(m, r, r)
		}
	})
}

// finish adds the bias, multiplies and stores.
func (k *tileOf) finish() {
	p, row := GP64(), GP64()
	MOVQ(field(k.t, tileBias), p)
	TESTQ(p, p)
	JZ(LabelRef("biased"))
	ADDQ(field(k.t, tileBiasOff), p)
	for j := range k.vecs {
		m := Mem{Base: p, Disp: k.bytes() * j}
		x := k.b[0]
		if k.wide && j == k.vecs-1 {
			k.maskedLoad(m, nil, x)
		} else {
			k.load(m, x)
		}
		for i := range k.rows {
			k.add(x, k.acc[i][j], k.acc[i][j])
		}
	}
	Label("biased")
	if k.multiplies() {
		k.fork()
		k.times()
	}
	Label("store")
	MOVQ(field(k.t, tileC), p)
	ADDQ(field(k.t, tileCOff), p)
	MOVQ(field(k.t, tileCRow), row)
	k.each("store", p, row, func(m Mem, mask, r reg.VecPhysical, masked bool) {
		if masked {
			k.maskedStore(r, mask, m)
		} else {
			k.store(r, m)
		}
	})
}
