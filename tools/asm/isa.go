package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is an instruction set and a type of number: how wide a register is, and the
// operations on one.
type isa struct {
	name   string // in the names of functions
	wide   bool   // AVX-512, with 32 registers and masks in K1
	slim   bool   // of these registers the lower halves alone
	double bool   // float64
	format string // of the right side where that has 16 bits; see gemm16 and pairs
}

var (
	avx512   = isa{name: "512", wide: true}
	avx2     = isa{name: "256"}
	avx512pd = isa{name: "512d", wide: true, double: true}
	avx2pd   = isa{name: "256d", double: true}
	// where eight columns are all there are, two halves take the time of one register
	avx512slim = isa{name: "512s", wide: true, slim: true}
)

var zmm = []reg.VecPhysical{reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7, reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15, reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23, reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}

var ymm = []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15, reg.Y16, reg.Y17, reg.Y18, reg.Y19, reg.Y20, reg.Y21, reg.Y22, reg.Y23, reg.Y24, reg.Y25, reg.Y26, reg.Y27, reg.Y28, reg.Y29, reg.Y30, reg.Y31}

func (s isa) registers() []reg.VecPhysical {
	switch {
	case s.slim:
		return ymm
	case s.wide:
		return zmm
	}
	return ymm[:16]
}

// bytes is the size of a register, item that of a number.
func (s isa) bytes() int {
	if s.wide && !s.slim {
		return 64
	}
	return 32
}

func (s isa) item() int {
	if s.double || s.format == pair && !s.wide { // there a step takes two numbers of a
		return 8
	}
	return 4
}

func (s isa) zero(r reg.VecPhysical) {
	if s.wide {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

func (s isa) load(m Op, r reg.VecPhysical)  { VMOVUPS(m, r) }
func (s isa) store(r reg.VecPhysical, m Op) { VMOVUPS(r, m) }

func (s isa) broadcast(m Op, r reg.VecPhysical) {
	if s.double {
		VBROADCASTSD(m, r)
	} else {
		VBROADCASTSS(m, r)
	}
}

// fma is r += x·y.
func (s isa) fma(x, y, r reg.VecPhysical) {
	switch {
	case s.double:
		VFMADD231PD(x, y, r)
	case s.format == pair && s.wide:
		dot(x, y, r)
	default:
		VFMADD231PS(x, y, r)
	}
}

// spread is r += x·y for a y that is one number in memory, AVX-512 only.
func (s isa) spread(m Op, x, r reg.VecPhysical) {
	if s.double {
		VFMADD231PD_BCST(m, x, r)
	} else {
		VFMADD231PS_BCST(m, x, r)
	}
}

func (s isa) add(x, y Op, r reg.VecPhysical) {
	if s.double {
		VADDPD(x, y, r)
	} else {
		VADDPS(x, y, r)
	}
}

// masked loads read no lane outside of the mask, and give zero there: K1 on AVX-512, the
// register mask on AVX2.
func (s isa) maskedLoad(m Op, mask, r reg.VecPhysical) {
	switch {
	case s.wide && s.double:
		VMOVUPD_Z(m, reg.K1, r)
	case s.wide:
		VMOVUPS_Z(m, reg.K1, r)
	case s.double:
		VMASKMOVPD(m, mask, r)
	default:
		VMASKMOVPS(m, mask, r)
	}
}

func (s isa) maskedStore(r, mask reg.VecPhysical, m Op) {
	switch {
	case s.wide && s.double:
		VMOVUPD(r, reg.K1, m)
	case s.wide:
		VMOVUPS(r, reg.K1, m)
	case s.double:
		VMASKMOVPD(r, mask, m)
	default:
		VMASKMOVPS(r, mask, m)
	}
}
