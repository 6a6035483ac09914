package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The steps of a tile along the shared side.

// loop runs all steps of one product.
func (k *tileOf) loop(steps reg.GPVirtual) {
	unroll := 4
	if k.kind == "ks" {
		unroll = 2
	}
	rounds := GP64()
	MOVQ(steps, rounds)
	SHRQ(U8(unroll/2), rounds) // 4: by 2 bits, 2: by 1
	JZ(LabelRef(k.part + "rest"))
	Label(k.part + "round")
	for u := range unroll {
		if k.reaches() {
			PREFETCHT0(Mem{Base: k.ahead})
			ADDQ(k.aRow, k.ahead)
		}
		k.step(u * k.item())
		if k.kind == "ks" {
			ADDQ(k.aRow, k.ptrs[0])
		}
	}
	k.onward(unroll)
	k.callSome()
	if k.reaches() {
		TESTQ(U32(3), rounds)
		JNZ(LabelRef(k.part + "on"))
		ADDQ(field(k.t, tileALine), k.ahead)
		Label(k.part + "on")
	}
	DECQ(rounds)
	JNZ(LabelRef(k.part + "round"))
	Label(k.part + "rest")
	ANDQ(U8(unroll-1), steps)
	JZ(LabelRef(k.part + "summed"))
	Label(k.part + "single")
	k.step(0)
	if k.kind == "ks" {
		ADDQ(k.aRow, k.ptrs[0])
	}
	k.onward(1)
	DECQ(steps)
	JNZ(LabelRef(k.part + "single"))
	Label(k.part + "summed")
}

// onward moves the rows' pointers.
func (k *tileOf) onward(steps int) {
	if k.kind == "rs" {
		for _, p := range k.ptrs {
			ADDQ(U8(steps*k.item()), p)
		}
	}
}

// step is one place of the shared side.
func (k *tileOf) step(disp int) {
	if k.format == pair && !k.wide {
		k.stepHalves(disp)
		return
	}
	if k.few() {
		k.stepFew(disp)
		return
	}
	for j, r := range k.b {
		if k.narrow() {
			k.maskedLoad(k.right(j), nil, r)
		} else {
			k.loadRight(k.right(j), r)
		}
	}
	if k.fetches() {
		PREFETCHT1(Mem{Base: k.pb, Index: k.far, Scale: 1})
		PREFETCHT1(Mem{Base: k.pb, Index: k.far, Scale: 1, Disp: 64})
	}
	for i := range k.rows {
		if k.vecs == 1 && k.format != pair {
			k.spread(k.left(i, disp), k.b[0], k.acc[i][0])
			continue
		}
		x := k.tmp[i%len(k.tmp)]
		k.broadcast(k.left(i, disp), x)
		for j, r := range k.b {
			k.fma(x, r, k.acc[i][j])
		}
	}
	ADDQ(k.bStep, k.pb)
}

// narrow is whether the kernel reads no more of a step of b than there are columns: it may
// lie in a matrix of so many.
func (k *tileOf) narrow() bool { return k.wide && k.vecs == 1 && k.format == "" }

func (k *tileOf) stepFew(disp int) {
	for i := range k.rows {
		k.broadcast(k.left(i, disp), k.tmp[i])
	}
	for j := range k.vecs {
		y := k.b[j%len(k.b)]
		k.loadRight(k.right(j), y)
		k.callAhead(j)
		for i := range k.rows {
			k.fma(k.tmp[i], y, k.acc[i][j])
		}
	}
	ADDQ(k.bStep, k.pb)
	if k.vecs > 4 {
		ADDQ(k.bStep, k.pb2)
	}
}

// callAhead calls for what vector j's panel has some steps further on: few rows wait for
// memory, and the processor's own look-ahead ends with every page.
func (k *tileOf) callAhead(j int) {
	m := k.right(j)
	if at := m.Disp; at%64 == 0 {
		m.Disp += ahead
		PREFETCHT0(m)
	}
}

// ahead is how many bytes of a panel are called for before they are read.
const ahead = 2048
