package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The formats of 16 bits in which a panel may be held, by their letters in names.
const (
	bfloat = "b"
	half   = "h"
)

// gemm16 writes the kernels that read panels held in 16 bits. They are for few rows, which
// are bound by the memory that a panel takes; for many, a panel is widened first.
func gemm16() {
	for _, format := range []string{bfloat, half} {
		for _, s := range []isa{avx512, avx2} {
			s.format = format
			widen(s)
			for rows := 1; rows <= 6; rows++ {
				gemm(s, "rs", rows, 2)
				if s.wide {
					gemm(s, "rs", rows, 1)
					gemm(s, "rs", rows, 4)
				}
			}
			for rows := 1; rows <= 3; rows++ {
				if s.wide {
					gemm(s, "rs", rows, 8)
				} else {
					gemm(s, "rs", rows, 4)
				}
			}
		}
	}
}

// loadRight reads a vector of a panel, which may be held in 16 bits: bf16 is the upper half
// of a float32, f16 is converted. Both are exact.
func (s isa) loadRight(m Op, r reg.VecPhysical) {
	switch s.format {
	case bfloat:
		VPMOVZXWD(m, r)
		VPSLLD(U8(16), r, r)
	case half:
		VCVTPH2PS(m, r)
	default:
		s.load(m, r)
	}
}

// rightBytes is what a vector takes in a panel.
func (s isa) rightBytes() int {
	if s.format == bfloat || s.format == half {
		return s.bytes() / 2
	}
	return s.bytes()
}

// widen copies count rows of a panel of 16 bits to one of float32. It goes by a structure
// of the destination, the source and the count.
func widen(s isa) {
	text("widen"+s.name+s.format, "widens rows of a panel.")
	t := Load(Param("t"), GP64())
	to, from, n := GP64(), GP64(), GP64()
	MOVQ(Mem{Base: t}, to)
	MOVQ(Mem{Base: t, Disp: 8}, from)
	MOVQ(Mem{Base: t, Disp: 16}, n)
	z := s.registers()
	Label("row")
	PREFETCHT0(Mem{Base: from, Disp: 1024})
	for i := range 128 / s.bytes() {
		s.loadRight(Mem{Base: from, Disp: i * s.rightBytes()}, z[i])
		s.store(z[i], Mem{Base: to, Disp: i * s.bytes()})
	}
	ADDQ(U8(64), from)
	ADDQ(U32(128), to)
	DECQ(n)
	JNZ(LabelRef("row"))
	end()
}
