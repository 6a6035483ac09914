package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's sumArgs, by their offsets.
const (
	sumK      = 8 * iota // rows that are added, one or more
	sumRow               // a number for each
	sumWeight            // that all these are multiplied by
	sumM                 // the first row
	sumMRow              // bytes to the next
	sumOut               // what they are added to
	sumN                 // registers that a row fills
)

// sums writes the kernels that add rows to one of float64, each times a number: products are
// rounded before they are added, and added in the order of the rows. Of AVX-512 and AVX2 and of a
// loop over single numbers the sums are the same to the last bit.
func sums() {
	for _, s := range []isa{avx512pd, avx2pd} {
		sum(s)
		sumWide(s)
	}
}

// sumWide is of one row of float32.
func sumWide(s isa) {
	text("sumWide"+s.name, "adds a row of float32 times a number to one of float64, of whole registers.")
	t := Load(Param("t"), GP64())
	m, out, n := GP64(), GP64(), GP64()
	for _, f := range []struct {
		at int
		r  reg.GPVirtual
	}{{sumM, m}, {sumOut, out}, {sumN, n}} {
		MOVQ(field(t, f.at), f.r)
	}
	z := s.registers()
	weight, product := z[0], z[1:5]
	s.broadcast(field(t, sumWeight), weight)
	for _, vecs := range []int{len(product), 1} {
		name := func(part string) string { return fmt.Sprintf("%s%d", part, vecs) }
		Label(name("columns"))
		CMPQ(n, U8(uint8(vecs)))
		JLT(LabelRef(name("over")))
		for i := range vecs {
			VCVTPS2PD(Mem{Base: m, Disp: i * s.bytes() / 2}, product[i])
		}
		for i := range vecs {
			VMULPD(weight, product[i], product[i])
			VADDPD(Mem{Base: out, Disp: i * s.bytes()}, product[i], product[i])
			s.store(product[i], Mem{Base: out, Disp: i * s.bytes()})
		}
		ADDQ(U32(uint32(vecs*s.bytes()/2)), m)
		ADDQ(U32(uint32(vecs*s.bytes())), out)
		SUBQ(U8(uint8(vecs)), n)
		JMP(LabelRef(name("columns")))
		Label(name("over"))
	}
	end()
}

func sum(s isa) {
	text("sumRows"+s.name, "adds rows times numbers to a row of whole registers.")
	t := Load(Param("t"), GP64())
	k, row, m, mRow, out, n := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	for _, f := range []struct {
		at int
		r  reg.GPVirtual
	}{{sumK, k}, {sumRow, row}, {sumM, m}, {sumMRow, mRow}, {sumOut, out}, {sumN, n}} {
		MOVQ(field(t, f.at), f.r)
	}
	z := s.registers()
	weight, factor, product, acc := z[0], z[1], z[2], z[3:11]
	s.broadcast(field(t, sumWeight), weight)
	p, q, left := GP64(), GP64(), GP64()
	for _, vecs := range []int{len(acc), 1} {
		name := func(part string) string { return fmt.Sprintf("%s%d", part, vecs) }
		Label(name("columns"))
		CMPQ(n, U8(uint8(vecs)))
		JLT(LabelRef(name("over")))
		for i := range vecs {
			s.load(Mem{Base: out, Disp: i * s.bytes()}, acc[i])
		}
		MOVQ(m, p)
		MOVQ(row, q)
		MOVQ(k, left)
		Label(name("row"))
		s.broadcast(Mem{Base: q}, factor)
		VMULPD(weight, factor, factor)
		for i := range vecs {
			VMULPD(Mem{Base: p, Disp: i * s.bytes()}, factor, product)
			VADDPD(product, acc[i], acc[i])
		}
		ADDQ(mRow, p)
		ADDQ(U8(8), q)
		DECQ(left)
		JNZ(LabelRef(name("row")))
		for i := range vecs {
			s.store(acc[i], Mem{Base: out, Disp: i * s.bytes()})
		}
		ADDQ(U32(uint32(vecs*s.bytes())), m)
		ADDQ(U32(uint32(vecs*s.bytes())), out)
		SUBQ(U8(uint8(vecs)), n)
		JMP(LabelRef(name("columns")))
		Label(name("over"))
	}
	end()
}
