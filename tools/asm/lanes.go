package main

import (
	"fmt"
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vec is sixteen virtual lanes of float32: one register of AVX-512 or two of AVX2. All
// row kernels are written over it, so that their sums are the same on both.
type vec []reg.VecPhysical

// work is a row kernel under construction.
type work struct {
	isa
	t       reg.Register
	free    []reg.VecPhysical
	consts  map[uint32]Op
	masks   vec             // of AVX2, while a tail is worked on
	abreast int             // how many times sixteen lanes a vec has: see manyOver and eachRow
	apart   []reg.GPVirtual // bytes from a row to the next, and to the third after it, where rows are abreast
}

// constants of the file being written, each repeated to the width of a register.
var constants = map[uint32]Mem{}

func row(s isa, name, doc string) *work {
	text(name+s.name, doc)
	return newWork(s)
}

// newWork is for a kernel whose function is open.
func newWork(s isa) *work {
	w := &work{isa: s, consts: map[uint32]Op{}, abreast: 1}
	w.t = Load(Param("t"), GP64())
	w.free = append(w.free, s.registers()...)
	return w
}

// vec takes a free vector.
func (w *work) vec() vec { return w.take(w.abreast) }

// one takes a vector that all that are abreast share.
func (w *work) one() vec { return w.take(1) }

func (w *work) take(times int) vec {
	n := 64 / w.bytes() * times
	v := vec(w.free[:n:n])
	w.free = w.free[n:]
	return v
}

// drop gives vectors back.
func (w *work) drop(vs ...vec) {
	for _, v := range vs {
		w.free = append(append([]reg.VecPhysical{}, v...), w.free...)
	}
}

// c is a constant as an operand: in memory, or in a register if hold has put it there.
func (w *work) c(x float64) Op {
	u := math.Float32bits(float32(x))
	if op, ok := w.consts[u]; ok {
		return op
	}
	m, ok := constants[u]
	if !ok {
		m = GLOBL(fmt.Sprintf("c%08x", u), attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(u))
		}
		constants[u] = m
	}
	return m
}

// hold puts constants into registers from the far end, where there are 32 of them. It
// comes before all loops, any of which may be skipped.
func (w *work) hold(xs ...float64) {
	if !w.wide {
		return
	}
	for _, x := range xs {
		m := w.c(x)
		r := w.free[len(w.free)-1]
		w.free = w.free[:len(w.free)-1]
		VMOVUPS(m, r)
		w.consts[math.Float32bits(float32(x))] = r
	}
}

// holdExp is hold for exp.
func (w *work) holdExp() {
	w.hold(append([]float64{-expBound, expBound, log2e, ln2hi, ln2lo, expTop}, expRest...)[:12]...)
}

// each applies an instruction of two sources, z = f(x, y): y may be a constant.
func each(f func(...Op), x vec, y any, z vec) {
	for i := range z { // a shorter one is for all that are abreast
		switch y := y.(type) {
		case vec:
			f(y[i%len(y)], x[i%len(x)], z[i])
		case Op:
			f(y, x[i%len(x)], z[i])
		}
	}
}

func (w *work) add(x vec, y any, z vec) { each(VADDPS, x, y, z) }
func (w *work) sub(x vec, y any, z vec) { each(VSUBPS, x, y, z) } // x − y
func (w *work) mul(x vec, y any, z vec) { each(VMULPS, x, y, z) }
func (w *work) div(x vec, y any, z vec) { each(VDIVPS, x, y, z) } // x / y
func (w *work) max(x vec, y any, z vec) { each(VMAXPS, x, y, z) } // y where x is not larger, or is no number
func (w *work) min(x vec, y any, z vec) { each(VMINPS, x, y, z) }

// addUp adds vectors that are abreast to a sum, the first first.
func (w *work) addUp(x, sum vec) {
	for n := len(sum); len(x) > 0; x = x[n:] {
		w.add(sum, x[:n], sum)
	}
}

func (w *work) fma(x vec, y any, z vec)     { each(VFMADD231PS, x, y, z) }  // z + x·y
func (w *work) fnma(x vec, y any, z vec)    { each(VFNMADD231PS, x, y, z) } // z − x·y
func (w *work) muladd(x vec, y any, z vec)  { each(VFMADD213PS, x, y, z) }  // z·x + y
func (w *work) mulsub(x vec, y any, z vec)  { each(VFMSUB213PS, x, y, z) }  // z·x − y
func (w *work) nmuladd(x vec, y any, z vec) { each(VFNMADD213PS, x, y, z) } // y − z·x

func (w *work) sqrt(x, z vec) {
	for i := range z {
		VSQRTPS(x[i], z[i])
	}
}

func (w *work) move(x any, z vec) {
	for i := range z {
		switch x := x.(type) {
		case vec:
			VMOVAPS(x[i%len(x)], z[i])
		case Op:
			VMOVUPS(x, z[i])
		}
	}
}

func (w *work) clear(z vec) {
	for _, r := range z {
		w.zero(r)
	}
}

// get loads 16 numbers at p; in a tail those there are, and zeros.
func (w *work) get(p reg.Register, tail bool, z vec) {
	for i, r := range z {
		m := w.place(p, i)
		if !tail {
			VMOVUPS(m, r)
			continue
		}
		w.maskedLoad(m, w.maskOf(i), r)
	}
}

func (w *work) put(x vec, tail bool, p reg.Register) {
	for i, r := range x {
		m := w.place(p, i)
		if !tail {
			VMOVUPS(r, m)
			continue
		}
		w.maskedStore(r, w.maskOf(i), m)
	}
}

// place is where register i of a vector lies that begins at p: further on, or rows down.
func (w *work) place(p reg.Register, i int) Mem {
	switch {
	case i == 0 || w.apart == nil:
		return Mem{Base: p, Disp: w.bytes() * i}
	case i == 3:
		return Mem{Base: p, Index: w.apart[1], Scale: 1}
	}
	return Mem{Base: p, Index: w.apart[0], Scale: uint8(i)}
}

func (w *work) maskOf(i int) reg.VecPhysical {
	if w.wide {
		return nil
	}
	return w.masks[i]
}

// within sets lanes beyond the tail to those of y.
func (w *work) within(x vec, y vec) {
	if w.wide {
		for i, r := range x {
			VBLENDMPS(r, y[i%len(y)], reg.K1, r)
		}
		return
	}
	for i := range x {
		VBLENDVPS(w.masks[i], x[i], y[i], x[i])
	}
}

// scalar broadcasts the number at t's offset.
func (w *work) scalar(at int, z vec) {
	for _, r := range z {
		VBROADCASTSS(field(w.t, at), r)
	}
}

// prepare makes the mask of n's last sixteenth, for over.
func (w *work) prepare(n reg.Register) {
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(U8(15), rest)
	if w.wide {
		bits := GP64()
		MOVQ(U32(1), bits)
		SHLXQ(rest, bits, bits)
		DECQ(bits)
		KMOVW(bits.As32(), reg.K1)
		return
	}
	if w.masks == nil {
		w.masks = w.vec()
	}
	table := GP64()
	LEAQ(windowTable(), table)
	SHLQ(U8(2), rest)
	SUBQ(rest, table)
	for i, r := range w.masks {
		VMOVUPS(Mem{Base: table, Disp: 64 + 32*i}, r)
	}
}

var table *Mem

// windowTable is 16 words of ones and 16 of zeros.
func windowTable() Mem {
	if table == nil {
		m := GLOBL("window", attr.RODATA|attr.NOPTR)
		for i := range 32 {
			v := uint32(0)
			if i < 16 {
				v = math.MaxUint32
			}
			DATA(4*i, U32(v))
		}
		table = &m
	}
	return *table
}

// whole runs body for each full 16 of n numbers, moving the pointers on.
func (w *work) whole(label string, n reg.Register, ptrs []reg.GPVirtual, body func()) {
	count := GP64()
	MOVQ(n, count)
	SHRQ(U8(4), count)
	JZ(LabelRef(label + "tail"))
	Label(label)
	body()
	for _, p := range ptrs {
		ADDQ(U8(64), p)
	}
	DECQ(count)
	JNZ(LabelRef(label))
	Label(label + "tail")
}

// over runs body for n numbers, 16 at a time, moving the pointers on; the last time, for
// what does not fill a vector, as a tail. [work.prepare] comes first.
func (w *work) over(label string, n reg.Register, ptrs []reg.GPVirtual, body func(tail bool)) {
	w.whole(label, n, ptrs, func() { body(false) })
	TESTQ(U32(15), n)
	JZ(LabelRef(label + "done"))
	body(true)
	Label(label + "done")
}

// manyOver is over, but with AVX-512 as long as there are so many sixteens (2 or 4) body goes
// over all of these together, by vectors as long: the steps of one chain then wait beside
// those of the others, and not in the scheduler. body takes its vectors itself.
func (w *work) manyOver(many int, label string, n reg.Register, ptrs []reg.GPVirtual, body func(tail bool)) {
	own := func(tail bool) {
		free := w.free
		body(tail)
		w.free = free
	}
	if !w.wide {
		w.over(label, n, ptrs, own)
		return
	}
	count, rest := GP64(), GP64()
	MOVQ(n, count)
	SHRQ(U8(4+many/2), count)
	JZ(LabelRef(label + "few"))
	Label(label + "many")
	w.abreast = many
	own(false)
	w.abreast = 1
	for _, p := range ptrs {
		ADDQ(U32(64*many), p)
	}
	DECQ(count)
	JNZ(LabelRef(label + "many"))
	Label(label + "few")
	MOVQ(n, rest)
	ANDQ(U8(16*many-1), rest)
	w.over(label, rest, ptrs, own)
}

// tree folds the lanes of x, i with i+8, i+4, i+2, i+1, and spreads the result to all.
func (w *work) tree(f func(...Op), x, tmp vec) {
	n := 64 / w.bytes()
	step := func(do func(lo, tmp reg.VecPhysical)) {
		for i := 0; i < len(x); i += n {
			do(x[i], tmp[i])
		}
	}
	if w.wide {
		step(func(x, t reg.VecPhysical) { VEXTRACTF64X4(U8(1), x, t.AsY()) })
		step(func(x, t reg.VecPhysical) { f(t.AsY(), x.AsY(), x.AsY()) })
	} else {
		f(x[1], x[0], x[0])
	}
	step(func(x, t reg.VecPhysical) { VEXTRACTF128(U8(1), x.AsY(), t.AsX()) })
	step(func(x, t reg.VecPhysical) { f(t.AsX(), x.AsX(), x.AsX()) })
	for _, order := range []uint64{0x4E, 0xB1} {
		step(func(x, t reg.VecPhysical) { VPERMILPS(U8(order), x.AsX(), t.AsX()) })
		step(func(x, t reg.VecPhysical) { f(t.AsX(), x.AsX(), x.AsX()) })
	}
	for i, r := range x {
		VBROADCASTSS(x[i/n*n].AsX(), r)
	}
}
