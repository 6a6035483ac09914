package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Causal attention of up to sixteen places and heads up to sixteen wide, one whole head in
// registers at a time, AVX-512 only. Scores lie turned, key by key, with the queries in the
// lanes: what a row's softmax adds up along lanes elsewhere are vectors here, added in the
// same order. The fields of linalg/kernel's briefArgs, by their offsets:
const (
	briefN     = 8 * iota // places
	briefD                // width of a head
	briefHeads            // how many
	briefQ                // queries, keys and values, bytes from row to row behind them
	briefK
	briefV
	briefO // of the way back its gradient
	briefP // probabilities, a head's rows below those of the head before
	briefDQ
	briefDK // nil: not wanted
	briefDV
	briefRowQ
	briefRowK
	briefRowV
	briefRowO
	briefRowP
	briefRowDQ
	briefRowDK
	briefRowDV
	briefHeadP
	briefHeadK // bytes from a head's keys and values to those of the next: none if shared
	briefScale
	briefAdd // whether gradients of keys and values are added to: 0 is no
)

// The room that a call has on its stack, at whole lines, for the rows of a head: three parts of
// sixteen rows of sixteen numbers.
const (
	roomA = 1024 * iota
	roomB
	roomC
	roomEnd
)

func brief() {
	briefThere()
	briefBack()
}

// short is a kernel for one head after the other.
type short struct {
	*work
	room, n reg.GPVirtual
	shares  reg.GPVirtual // sixteen rows of sixteen: part c of the room, or probabilities that lie so
	lo, hi  []reg.VecPhysical
	label   int
}

func newShort(name, doc string) *short {
	textWith(0, name+avx512.name, doc)
	s := &short{work: newWork(avx512), room: GP64(), n: GP64(), shares: GP64(), lo: zmm[:16], hi: zmm[16:]}
	LEAQ(AllocLocal(roomEnd+56), s.room)
	ADDQ(U8(63), s.room)
	ANDQ(I8(-64), s.room)
	MOVQ(field(s.t, briefN), s.n)
	for _, m := range []struct {
		width int
		mask  reg.Register
	}{{briefD, reg.K1}, {briefN, reg.K7}} {
		count, bits := GP64(), GP64()
		MOVQ(field(s.t, m.width), count)
		MOVQ(U32(1), bits)
		SHLXQ(count, bits, bits)
		DECQ(bits)
		KMOVW(bits.As32(), m.mask)
	}
	CMPQ(s.n, U8(16))
	JE(LabelRef("head"))
	s.zero(s.lo[0]) // rows that there are not
	for at := 0; at < roomEnd; at += 64 {
		VMOVUPS(s.lo[0], Mem{Base: s.room, Disp: at})
	}
	Label("head")
	LEAQ(s.at(roomC, 0), s.shares)
	CMPQ(s.n, U8(16))
	JNZ(LabelRef("ragged"))
	CMPQ(field(s.t, briefRowP), U8(64))
	JNZ(LabelRef("ragged"))
	MOVQ(field(s.t, briefP), s.shares)
	Label("ragged")
	return s
}

// unless runs body but where the probabilities are the shares.
func (s *short) unless(label string, body func()) {
	CMPQ(s.shares, field(s.t, briefP))
	JE(LabelRef(label))
	body()
	Label(label)
}

// share is one number of the shares, and shareRow where a row of them begins.
func (s *short) share(i, j int) Mem { return Mem{Base: s.shares, Disp: 64*i + 4*j} }

func (s *short) shareRow(i int) Mem { return s.share(i, 0) }

// next goes on to the next head.
func (s *short) next(wide, keys []int) {
	step := GP64()
	MOVQ(field(s.t, briefD), step)
	SHLQ(U8(2), step)
	for _, i := range wide {
		ADDQ(step, field(s.t, i))
	}
	MOVQ(field(s.t, briefHeadK), step)
	for _, i := range keys {
		ADDQ(step, field(s.t, i))
	}
	MOVQ(field(s.t, briefHeadP), step)
	ADDQ(step, field(s.t, briefP))
	DECQ(field(s.t, briefHeads))
	JNZ(LabelRef("head"))
	end()
}

// rows runs body for the rows that there are of a matrix, with the place of each.
func (s *short) rows(p, step int, body func(i int, m Mem)) {
	s.label++
	done := fmt.Sprintf("rows%d", s.label)
	at, down := GP64(), GP64()
	MOVQ(field(s.t, p), at)
	MOVQ(field(s.t, step), down)
	for i := range 16 {
		if i > 0 {
			CMPQ(s.n, U8(i))
			JLE(LabelRef(done))
			ADDQ(down, at)
		}
		body(i, Mem{Base: at})
	}
	Label(done)
}

// bring copies a matrix to part of the room. What lies beyond its rows stays zero.
func (s *short) bring(p, step, part int, mask reg.Register) {
	s.rows(p, step, func(i int, m Mem) {
		r := s.lo[i%4]
		VMOVUPS_Z(m, mask, r)
		VMOVUPS(r, s.at(part, i))
	})
}

// at is row i of a part of the room.
func (s *short) at(part, i int) Mem { return Mem{Base: s.room, Disp: part + 64*i} }

// cell is one number there.
func (s *short) cell(part, i, j int) Mem { return Mem{Base: s.room, Disp: part + 64*i + 4*j} }

// turn loads sixteen rows into lo, transposed.
func (s *short) turn(row func(i int) Mem) {
	for i, r := range s.lo {
		VMOVUPS(row(i), r)
	}
	turned(s.lo, s.hi)
}

// scores leaves in hi, key by key, the products of the rows of a (in lo, turned) and of b.
func (s *short) scores() {
	s.turn(func(i int) Mem { return s.at(roomA, i) })
	for _, r := range s.hi {
		s.zero(r)
	}
	for c := range 16 {
		for j, r := range s.hi {
			s.spread(s.cell(roomB, j, c), s.lo[c], r)
		}
	}
}

// gather leaves in lo what the rows of shares collect of those of part b.
func (s *short) gather() {
	for _, r := range s.lo {
		s.zero(r)
	}
	for j := range 16 {
		VMOVUPS(s.at(roomB, j), s.hi[j])
		for i := j; i < 16; i++ {
			s.spread(s.share(i, j), s.hi[j], s.lo[i])
		}
	}
}

// scatter leaves in a matrix what the columns of shares collect of the rows of part a, beside
// what it holds if that is added to.
func (s *short) scatter(p, step int) {
	for _, r := range s.lo {
		s.zero(r)
	}
	s.label++
	fresh := fmt.Sprintf("fresh%d", s.label)
	CMPQ(field(s.t, briefAdd), U8(0))
	JE(LabelRef(fresh))
	s.rows(p, step, func(i int, m Mem) { VMOVUPS_Z(m, reg.K1, s.lo[i]) })
	Label(fresh)
	for i := range 16 {
		VMOVUPS(s.at(roomA, i), s.hi[i])
		for j := range i + 1 {
			s.spread(s.share(i, j), s.hi[i], s.lo[j])
		}
	}
	s.leave(p, step)
}

// leave stores the rows of lo.
func (s *short) leave(p, step int) {
	s.rows(p, step, func(i int, m Mem) { VMOVUPS(s.lo[i], reg.K1, m) })
}

// seen runs body for each key with the mask of the queries that see it in K6.
func (s *short) seen(body func(j int)) {
	all := GP64()
	MOVQ(U32(0xffff), all)
	KMOVW(all.As32(), reg.K6)
	for j := range 16 {
		if j > 0 {
			KSHIFTLW(U8(1), reg.K6, reg.K6)
		}
		body(j)
	}
}

// fold adds vectors up in the first: of sixteen i with i+8, i+4, i+2, i+1.
func fold(x []reg.VecPhysical) {
	for h := len(x) / 2; h > 0; h /= 2 {
		for i := range h {
			VADDPS(x[i+h], x[i], x[i])
		}
	}
}

func briefThere() {
	s := newShort("attendBrief", "is causal attention of up to sixteen places.")
	s.bring(briefQ, briefRowQ, roomA, reg.K1)
	s.bring(briefK, briefRowK, roomB, reg.K1)
	s.scores()
	scale, top := s.lo[0], s.lo[1]
	VBROADCASTSS(field(s.t, briefScale), scale)
	VMOVUPS(s.c(-math.MaxFloat32), top)
	s.seen(func(j int) {
		by := s.lo[2+j%4]
		VMULPS(scale, s.hi[j], by)
		VMAXPS(top, by, reg.K6, top)
	})
	tmp := vec(s.lo[8:16])
	s.free = append([]reg.VecPhysical{}, s.lo[2:8]...)
	s.hold(log2e, ln2hi, ln2lo, expBound, -expBound, expTop)
	for j := 0; j < 16; j += 4 {
		x := vec(s.hi[j : j+4])
		s.mulsub(vec{scale}, vec{top}, x)
		s.atMost(expBound, x, tmp[:4])
		s.expOrZero(x, tmp[:4], tmp[4:])
	}
	s.seen(func(j int) { VMOVAPS_Z(s.hi[j], reg.K6, s.hi[j]) })
	for i, r := range s.lo[:8] {
		VADDPS(s.hi[i+8], s.hi[i], r)
	}
	fold(s.lo[:8])
	VMOVUPS(s.c(1), s.lo[8])
	VDIVPS(s.lo[0], s.lo[8], s.lo[0])
	for _, r := range s.hi {
		VMULPS(s.lo[0], r, r)
	}
	turned(s.hi, s.lo)
	for i, r := range s.hi {
		VMOVUPS(r, s.shareRow(i))
	}
	s.unless("held", func() {
		s.rows(briefP, briefRowP, func(i int, m Mem) { VMOVUPS(s.hi[i], reg.K7, m) })
	})
	s.bring(briefV, briefRowV, roomB, reg.K1)
	s.gather()
	s.leave(briefO, briefRowO)
	s.next([]int{briefQ, briefO}, []int{briefK, briefV})
}

func briefBack() {
	s := newShort("attendBriefBack", "is the way back through attendBrief.")
	s.bring(briefO, briefRowO, roomA, reg.K1)
	s.bring(briefV, briefRowV, roomB, reg.K1)
	s.unless("there", func() { s.bring(briefP, briefRowP, roomC, reg.K7) })
	s.scatter(briefDV, briefRowDV)
	s.scores()
	for j, r := range s.hi { // where the values were
		VMOVUPS(r, s.at(roomB, j))
	}
	s.turn(s.shareRow)
	for j, r := range s.hi {
		VMULPS(s.at(roomB, j), s.lo[j], r)
	}
	fold(s.hi)
	scale := s.hi[1]
	VBROADCASTSS(field(s.t, briefScale), scale)
	s.seen(func(j int) {
		d := s.hi[2+j%8]
		VMOVUPS(s.at(roomB, j), d)
		VSUBPS(s.hi[0], d, d)
		VMULPS(scale, s.lo[j], s.lo[j])
		VMULPS_Z(s.lo[j], d, reg.K6, s.lo[j])
	})
	turned(s.lo, s.hi)
	LEAQ(s.at(roomC, 0), s.shares)
	for i, r := range s.lo {
		VMOVUPS(r, s.shareRow(i))
	}
	s.bring(briefK, briefRowK, roomB, reg.K1)
	s.gather()
	s.leave(briefDQ, briefRowDQ)
	keys := GP64()
	MOVQ(field(s.t, briefDK), keys)
	TESTQ(keys, keys)
	JZ(LabelRef("unasked"))
	s.bring(briefQ, briefRowQ, roomA, reg.K1)
	s.scatter(briefDK, briefRowDK)
	MOVQ(field(s.t, briefHeadK), keys)
	ADDQ(keys, field(s.t, briefDK))
	Label("unasked")
	s.next([]int{briefQ, briefO, briefDQ}, []int{briefK, briefV, briefDV})
}
