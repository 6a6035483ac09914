package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// turn16 lays out rows of numbers side by side, 16 of them and 16 steps at a time: the
// transposition of halves of panels. Fields: how many halves, rounds of steps, the first row,
// bytes to the next, where to, the steps after the last round, and bytes from one half of a
// panel to the other and from there to the next panel.
func turn16() {
	text("turn16", "turns rows of numbers, 16 each, into halves of panels.")
	t := Load(Param("t"), GP64())
	halves, n, src, step, dst, rest, over, next := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	for i, r := range []reg.GPVirtual{halves, n, src, step, dst, rest, over, next} {
		MOVQ(field(t, 8*i), r)
	}
	bits := GP64()
	MOVQ(U32(1), bits)
	SHLXQ(rest, bits, bits)
	DECQ(bits)
	KMOVW(bits.As32(), reg.K1)
	from, to, rounds := GP64(), GP64(), GP64()
	rows := func(load func(m Mem, r reg.VecPhysical)) []reg.VecPhysical {
		p := GP64()
		MOVQ(from, p)
		for i := range 16 {
			load(Mem{Base: p}, zmm[i])
			if i < 15 {
				ADDQ(step, p)
			}
		}
		return turned(zmm[:16], zmm[16:])
	}
	Label("half")
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(n, rounds)
	TESTQ(rounds, rounds)
	JZ(LabelRef("last"))
	Label("round")
	for i, r := range rows(func(m Mem, r reg.VecPhysical) { VMOVUPS(m, r) }) {
		VMOVUPS(r, Mem{Base: to, Disp: 128 * i})
	}
	ADDQ(U8(64), from)
	ADDQ(U32(16*128), to)
	DECQ(rounds)
	JNZ(LabelRef("round"))
	Label("last")
	TESTQ(rest, rest)
	JZ(LabelRef("turned"))
	for i, r := range rows(func(m Mem, r reg.VecPhysical) { VMOVUPS_Z(m, reg.K1, r) }) {
		CMPQ(rest, U8(i))
		JLE(LabelRef("turned"))
		VMOVUPS(r, Mem{Base: to, Disp: 128 * i})
	}
	Label("turned")
	ADDQ(over, dst)
	MOVQ(over, rounds) // the ways there and on take turns
	MOVQ(next, over)
	MOVQ(rounds, next)
	MOVQ(step, rounds)
	SHLQ(U8(4), rounds)
	ADDQ(rounds, src)
	DECQ(halves)
	JNZ(LabelRef("half"))
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
