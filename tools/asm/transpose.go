package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// turn16 lays out 16 rows of numbers side by side, 16 steps at a time: the transposition of
// a panel's half. Fields: rounds, the first row, bytes to the next, where to, and the steps
// after the last round.
func turn16() {
	text("turn16", "turns 16 rows of numbers into half of a panel.")
	t := Load(Param("t"), GP64())
	n, src, step, dst, rest := GP64(), GP64(), GP64(), GP64(), GP64()
	for i, r := range []reg.GPVirtual{n, src, step, dst, rest} {
		MOVQ(field(t, 8*i), r)
	}
	rows := func(load func(m Mem, r reg.VecPhysical)) []reg.VecPhysical {
		p := GP64()
		MOVQ(src, p)
		for i := range 16 {
			load(Mem{Base: p}, zmm[i])
			if i < 15 {
				ADDQ(step, p)
			}
		}
		return turned(zmm[:16], zmm[16:])
	}
	TESTQ(n, n)
	JZ(LabelRef("last"))
	Label("round")
	for i, r := range rows(func(m Mem, r reg.VecPhysical) { VMOVUPS(m, r) }) {
		VMOVUPS(r, Mem{Base: dst, Disp: 128 * i})
	}
	ADDQ(U8(64), src)
	ADDQ(U32(16*128), dst)
	DECQ(n)
	JNZ(LabelRef("round"))
	Label("last")
	TESTQ(rest, rest)
	JZ(LabelRef("done"))
	bits := GP64()
	MOVQ(U32(1), bits)
	SHLXQ(rest, bits, bits)
	DECQ(bits)
	KMOVW(bits.As32(), reg.K1)
	for i, r := range rows(func(m Mem, r reg.VecPhysical) { VMOVUPS_Z(m, reg.K1, r) }) {
		CMPQ(rest, U8(i))
		JLE(LabelRef("done"))
		VMOVUPS(r, Mem{Base: dst, Disp: 128 * i})
	}
	Label("done")
	end()
}

// turned transposes 16 registers by way of 16 others.
func turned(a, b []reg.VecPhysical) []reg.VecPhysical {
	for i := range 8 {
		VUNPCKLPS(a[2*i+1], a[2*i], b[2*i])
		VUNPCKHPS(a[2*i+1], a[2*i], b[2*i+1])
	}
	for i := 0; i < 16; i += 4 {
		VUNPCKLPD(b[i+2], b[i], a[i])
		VUNPCKHPD(b[i+2], b[i], a[i+1])
		VUNPCKLPD(b[i+3], b[i+1], a[i+2])
		VUNPCKHPD(b[i+3], b[i+1], a[i+3])
	}
	for h := 0; h < 16; h += 8 {
		for i := range 4 {
			VSHUFF32X4(U8(0x88), a[h+4+i], a[h+i], b[h+i])
			VSHUFF32X4(U8(0xdd), a[h+4+i], a[h+i], b[h+4+i])
		}
	}
	for i := range 8 {
		VSHUFF32X4(U8(0x88), b[8+i], b[i], a[i])
		VSHUFF32X4(U8(0xdd), b[8+i], b[i], a[8+i])
	}
	return a
}
