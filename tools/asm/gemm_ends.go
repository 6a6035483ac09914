package main

import (
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
// mask is of two vectors and there are two versions, since most tiles need none.
func (k *tileOf) each(label string, p, row reg.Register, do func(m Mem, mask, r reg.VecPhysical, masked bool)) {
	visit := func(masked func(j int) (reg.VecPhysical, bool)) {
		for i := range k.rows {
			for j, r := range k.acc[i] {
				mask, is := masked(j)
				do(Mem{Base: p, Disp: k.bytes() * j}, mask, r, is)
			}
			if i < k.rows-1 {
				ADDQ(row, p)
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
	MOVQ(field(k.t, tileTimes), p)
	TESTQ(p, p)
	JZ(LabelRef("called"))
	ADDQ(field(k.t, tileTimesOff), p)
	MOVQ(field(k.t, tileTimesRow), row)
	k.callRows(p, row)
	Label("called")
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
