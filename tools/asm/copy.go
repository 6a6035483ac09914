package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's copying, by their offsets.
const (
	copyRows    = 8 * iota // one or more
	copyFrom               // the first row
	copyFromRow            // bytes to the next
	copyTo                 // where it goes
	copyToRow              // bytes to the next
	copyLines              // whole lines of 64 bytes of a row, before the last one
	copyMask               // words of the last line: bits, or for AVX2 a pointer
)

// copied writes the kernel that copies rows of a matrix. Of a row's last line it reads the
// words of the mask, and writes zeros for the others.
func copied(s isa) {
	text("copy"+s.name, "copies rows line by line.")
	t := Load(Param("t"), GP64())
	rows, from, fromRow, to, toRow, lines, mask := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	for i, r := range []reg.GPVirtual{rows, from, fromRow, to, toRow, lines, mask} {
		MOVQ(field(t, 8*i), r)
	}
	z := s.registers()
	n := 64 / s.bytes()
	masks := z[n : 2*n]
	if s.wide {
		KMOVW(mask.As32(), reg.K1)
	} else {
		for i, r := range masks {
			VMOVUPS(Mem{Base: mask, Disp: i * s.bytes()}, r)
		}
	}
	line := func(p, q reg.Register, load func(m Op, mask, r reg.VecPhysical)) {
		for i := range n {
			load(Mem{Base: p, Disp: i * s.bytes()}, masks[i], z[i])
			s.store(z[i], Mem{Base: q, Disp: i * s.bytes()})
		}
	}
	p, q, left := GP64(), GP64(), GP64()
	Label("row")
	MOVQ(from, p)
	MOVQ(to, q)
	MOVQ(lines, left)
	TESTQ(left, left)
	JZ(LabelRef("last"))
	Label("line")
	line(p, q, func(m Op, _, r reg.VecPhysical) { s.load(m, r) })
	ADDQ(U8(64), p)
	ADDQ(U8(64), q)
	DECQ(left)
	JNZ(LabelRef("line"))
	Label("last")
	line(p, q, s.maskedLoad)
	ADDQ(fromRow, from)
	ADDQ(toRow, to)
	DECQ(rows)
	JNZ(LabelRef("row"))
	end()
}
