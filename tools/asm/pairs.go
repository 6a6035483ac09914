package main

import (
	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pair is the format of panels that hold two bf16 where others hold a float32: steps 2p and
// 2p+1 of the shared side, the first of them in the upper half.
const pair = "p"

// pairs writes the kernels of products of rounded numbers. On AVX-512 a step is one dot
// product of pairs, which takes the upper halves first; on AVX2 it is two fused
// multiply-adds, while numbers below the normal ones count as zero, as they do there.
// Sides of a are pairs too on AVX-512, and rounded float32 on AVX2.
func pairs() {
	for _, s := range []isa{avx512, avx2} {
		s.format = pair
		if s.wide {
			peak(s, 24)
			roundPairs(s)
		} else {
			roundFloats(s)
		}
		tallest, lowest := 6, 3
		if s.wide {
			tallest = 14
		}
		for rows := 1; rows <= tallest; rows++ {
			gemm(s, "rs", rows, 2)
			if s.wide {
				gemm(s, "rs", rows, 1)
			}
			if s.wide && rows <= 6 {
				gemm(s, "rs", rows, 4)
			}
		}
		for rows := 1; rows <= lowest; rows++ {
			if s.wide {
				gemm(s, "rs", rows, 8)
			} else {
				gemm(s, "rs", rows, 4)
			}
		}
	}
}

// pairs runs the steps of a product of pairs, and then those of the second one, which is
// float32 as ever.
func (k *tileOf) pairs(steps reg.GPVirtual) {
	if k.wide {
		k.loop(steps)
	} else {
		flushing(AllocLocal(8), func() { k.loop(steps) })
	}
	MOVQ(field(k.t, tileK2), steps)
	TESTQ(steps, steps)
	JZ(LabelRef("finish"))
	k.point(tileA2, tileA2Off, tileA2Row, tileB2, tileB2Panel)
	MOVQ(U32(128), k.bStep)
	k.format, k.part = "", "low"
	k.loop(steps)
	k.format, k.part = pair, ""
	Label("finish")
}

// flushing does something while operands and results below the normal numbers count as zero.
func flushing(mode Mem, do func()) {
	const tiny = 1<<15 | 1<<6 // flush to zero, denormals are zero
	x := GP64()
	VSTMXCSR(mode)
	MOVL(mode, x.As32())
	ORL(U32(tiny), x.As32())
	MOVL(x.As32(), mode.Offset(4))
	VLDMXCSR(mode.Offset(4))
	do()
	VLDMXCSR(mode)
}

// dot is r += the products of two pairs, the upper one first: VDPBF16PS, which the assembler
// has no word for.
func dot(x, y, r reg.VecPhysical) { evex(0x52, 2, x, y, r) }

// evex writes an instruction of AVX-512 on whole registers from the map 0F38, by its opcode
// and the two bits that stand for its prefix.
func evex(opcode, prefix int, rm, v, r reg.VecPhysical) {
	bit := func(r reg.VecPhysical, n int) int { return int(r.PhysicalIndex()) >> n & 1 }
	p0 := (1-bit(r, 3))<<7 | (1-bit(rm, 4))<<6 | (1-bit(rm, 3))<<5 | (1-bit(r, 4))<<4 | 2
	p1 := (15-int(v.PhysicalIndex())&15)<<3 | 1<<2 | prefix
	p2 := 2<<5 | (1-bit(v, 4))<<3
	modrm := 3<<6 | int(r.PhysicalIndex())&7<<3 | int(rm.PhysicalIndex())&7
	Instruction(&ir.Instruction{Opcode: "LONG", Operands: []Op{U32(0x62 | p0<<8 | p1<<16 | p2<<24)}})
	Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{U16(opcode | modrm<<8)}})
}

// stepHalves is a step of AVX2: the upper half of every pair, and then the lower one.
func (k *tileOf) stepHalves(disp int) {
	for half := range 2 {
		for i := range k.rows {
			if k.few() {
				k.broadcast(k.left(i, disp+4*half), k.tmp[i])
			}
		}
		if !k.few() {
			for j, r := range k.b {
				k.loadHalf(half, k.right(j), r)
			}
			for i := range k.rows {
				x := k.tmp[i%len(k.tmp)]
				k.broadcast(k.left(i, disp+4*half), x)
				for j, r := range k.b {
					k.fma(x, r, k.acc[i][j])
				}
			}
			continue
		}
		for j := range k.vecs {
			y := k.b[j%len(k.b)]
			k.loadHalf(half, k.right(j), y)
			if half == 0 {
				k.callAhead(j)
			}
			for i := range k.rows {
				k.fma(k.tmp[i], y, k.acc[i][j])
			}
		}
	}
	ADDQ(k.bStep, k.pb)
}

// loadHalf reads one half of a vector of pairs as float32.
func (k *tileOf) loadHalf(half int, m Mem, r reg.VecPhysical) {
	k.load(m, r)
	if half == 0 {
		VANDPS(upper(), r, r)
	} else {
		VPSLLD(U8(16), r, r)
	}
}

var uppers = map[string]Mem{}

// repeated is a number in memory, as often as a register of AVX2 has it.
func repeated(name string, x uint32) Mem {
	m, ok := uppers[name]
	if !ok {
		m = GLOBL(name, attr.RODATA|attr.NOPTR)
		for i := range 8 {
			DATA(4*i, U32(x))
		}
		uppers[name] = m
	}
	return m
}

func upper() Mem { return repeated("upper", 0xffff0000) }

// The fields of linalg/kernel's rounding, by their offsets.
const (
	roundTo = 8 * iota
	roundToRow
	roundFrom
	roundFromRow
	roundRows
	roundGroups // of as many numbers as a round takes
)

// rounding writes the loops over rows and groups of numbers around one round, which reads
// and writes so many bytes.
func rounding(name, doc string, read, written int, round func(from, to reg.Register)) {
	text(name, doc)
	t := Load(Param("t"), GP64())
	to, from, rows, n, x, y := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(field(t, roundTo), to)
	MOVQ(field(t, roundFrom), from)
	MOVQ(field(t, roundRows), rows)
	Label("row")
	MOVQ(to, x)
	MOVQ(from, y)
	MOVQ(field(t, roundGroups), n)
	Label("group")
	round(y, x)
	ADDQ(U32(read), y)
	ADDQ(U32(written), x)
	DECQ(n)
	JNZ(LabelRef("group"))
	ADDQ(field(t, roundToRow), to)
	ADDQ(field(t, roundFromRow), from)
	DECQ(rows)
	JNZ(LabelRef("row"))
	end()
}

// roundPairs rounds 32 numbers at a time to pairs.
func roundPairs(s isa) {
	rounding("round"+s.name+s.format, "rounds rows of numbers to pairs of bf16.", 128, 64, func(from, to reg.Register) {
		VMOVUPS(Mem{Base: from}, reg.Z0)
		VMOVUPS(Mem{Base: from, Disp: 64}, reg.Z1)
		evex(0x72, 3, reg.Z0, reg.Z1, reg.Z2) // VCVTNE2PS2BF16: the first number is the lower one
		VPROLD(U8(16), reg.Z2, reg.Z2)
		VMOVUPS(reg.Z2, Mem{Base: to})
	})
}

// roundFloats rounds 8 numbers at a time, which stay float32.
func roundFloats(s isa) {
	rounding("round"+s.name+s.format, "rounds rows of numbers to those that bf16 has.", 32, 32, func(from, to reg.Register) {
		x, r, y := reg.Y0, reg.Y1, reg.Y2
		VMOVUPS(Mem{Base: from}, x)
		VPSRLD(U8(16), x, r)
		VPAND(repeated("one", 1), r, r)
		VPADDD(repeated("almost", 0x7fff), r, r)
		VPADDD(x, r, r)
		VPAND(upper(), r, r)
		VORPS(repeated("quiet", 0x00400000), x, y) // what is no number stays none, cut off
		VPAND(upper(), y, y)
		VCMPPS(U8(3), x, x, reg.Y3)
		VBLENDVPS(reg.Y3, y, r, r)
		VPAND(repeated("exponent", 0x7f800000), x, y) // below the normal ones: zero
		VPXOR(reg.Y3, reg.Y3, reg.Y3)
		VPCMPEQD(reg.Y3, y, y)
		VPAND(repeated("sign", 0x80000000), x, x)
		VBLENDVPS(y, x, r, r)
		VMOVUPS(r, Mem{Base: to})
	})
}
