package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of linalg/kernel's rowArgs, by their offsets: how many numbers, pointers to
// rows, scalars, results.
const (
	rowN    = 0
	rowP    = 8      // eight pointers
	rowM    = 8 * 9  // rows, for kernels over many
	rowStep = 8 * 10 // bytes to the next row, the same in all its matrices
	rowGrow = 8 * 11 // by how much each row is longer than the one before
	rowFull = 8 * 12 // numbers of a row that are cleared where it ends earlier
	rowF    = 8 * 13 // eight scalars, 4 bytes each
	rowOut  = rowF + 32
	rowFar  = rowOut + 8 // bytes to the next row of what has other rows
)

// rows writes the row kernels, each for both instruction sets.
func rows() {
	for _, s := range []isa{avx512, avx2} {
		softmax(s)
		softmaxBack(s)
		rmsNorm(s)
		rmsNormBack(s)
		layerNorm(s)
		layerNormBack(s)
		crossEntropy(s)
		crossEntropyBack(s)
		top(s)
		scaleTo(s)
		adamW(s)
		rotate(s)
		pointwise(s)
	}
}

func (w *work) n() reg.GPVirtual {
	n := GP64()
	MOVQ(field(w.t, rowN), n)
	w.prepare(n)
	return n
}

// p loads pointer i.
func (w *work) p(is ...int) (ps []reg.GPVirtual) {
	for _, i := range is {
		r := GP64()
		MOVQ(field(w.t, rowP+8*i), r)
		ps = append(ps, r)
	}
	return ps
}

// f spreads scalar i.
func (w *work) f(i int) vec {
	v := w.vec()
	w.scalar(rowF+4*i, v)
	return v
}

// out stores the first lane as result i.
func (w *work) out(i int, v vec) { VMOVSS(v[0].AsX(), field(w.t, rowOut+4*i)) }

// softmax replaces rows x, each maybe longer than the last, by softmax(scale·x), and
// clears what is right of them.
func softmax(s isa) {
	w := row(s, "softmaxRows", "turns m rows of scores p0, times f0, into probabilities.")
	x, n := GP64(), GP64()
	MOVQ(field(w.t, rowP), x)
	MOVQ(field(w.t, rowN), n)
	w.holdExp()
	scale, top, sum, a, b, c := w.f(0), w.vec(), w.vec(), w.vec(), w.vec(), w.vec()
	Label("row")
	w.prepare(n)
	w.move(w.c(-math.MaxFloat32), top)
	CMPQ(n, U8(16))
	JLT(LabelRef("short"))
	p := GP64()
	MOVQ(x, p)
	w.over("top", n, []reg.GPVirtual{p}, func(tail bool) {
		w.get(p, tail, a)
		w.mul(a, scale, a)
		if tail {
			w.within(a, top)
		}
		w.max(a, top, top)
	})
	w.tree(VMAXPS, top, a)
	w.clear(sum)
	MOVQ(x, p)
	w.over("exp", n, []reg.GPVirtual{p}, func(tail bool) {
		w.get(p, tail, a)
		w.mulsub(scale, top, a)
		w.atMost(expBound, a, b) // where scores are huge, their rounding is more
		w.expOrZero(a, b, c)
		w.put(a, tail, p)
		if tail {
			w.clear(b)
			w.within(a, b)
		}
		w.add(sum, a, sum)
	})
	w.tree(VADDPS, sum, a)
	w.move(w.c(1), a)
	w.div(a, sum, sum)
	MOVQ(x, p)
	w.finishRow("scale", n, []reg.GPVirtual{p}, a, func(tail bool) {
		w.get(p, tail, a)
		w.mul(a, sum, a)
	})
	JMP(LabelRef("next"))

	Label("short") // the same, with the row in a register
	w.get(x, true, a)
	w.mul(a, scale, b)
	w.within(b, top)
	w.max(b, top, top)
	w.tree(VMAXPS, top, b)
	w.mulsub(scale, top, a)
	w.atMost(expBound, a, b)
	w.expOrZero(a, b, c)
	w.clear(b)
	w.within(a, b)
	w.move(a, sum)
	w.tree(VADDPS, sum, b)
	w.move(w.c(1), b)
	w.div(b, sum, sum)
	w.mul(a, sum, a)
	w.clear(b)
	w.within(a, b)
	w.putShort(x, a)
	Label("next")
	w.nextRow("row", n, x)
	end()
}

// putShort stores a row that one vector holds, with zeros to the full width.
func (w *work) putShort(p reg.GPVirtual, x vec) {
	left, to := GP64(), GP64()
	MOVQ(field(w.t, rowFull), left)
	CMPQ(left, U8(16))
	JLT(LabelRef("thin"))
	w.put(x, false, p)
	SUBQ(U8(16), left)
	JZ(LabelRef("next"))
	LEAQ(Mem{Base: p, Disp: 64}, to)
	w.prepare(left)
	w.clear(x)
	w.over("shortzero", left, []reg.GPVirtual{to}, func(tail bool) { w.put(x, tail, to) })
	JMP(LabelRef("next"))
	Label("thin")
	w.prepare(left)
	w.put(x, true, p)
}

// finishRow leaves what body makes of each of n numbers in x where the first pointer is,
// and zeros from there to the full width. The zeros after the last number go into memory
// with it: a masked store that begins inside a line and would reach into the next takes
// some processors a hundred cycles.
func (w *work) finishRow(label string, n reg.GPVirtual, ptrs []reg.GPVirtual, x vec, body func(tail bool)) {
	to, left := ptrs[0], GP64()
	w.whole(label, n, ptrs, func() {
		body(false)
		w.put(x, false, to)
	})
	MOVQ(field(w.t, rowFull), left)
	SUBQ(n, left)
	TESTQ(U32(15), n)
	JZ(LabelRef(label + "clear"))
	body(true)
	zero := w.vec()
	w.clear(zero)
	w.within(x, zero)
	w.drop(zero)
	rest := GP64()
	MOVQ(n, rest)
	ANDQ(U8(15), rest)
	ADDQ(rest, left)
	SUBQ(U8(16), left)
	JLT(LabelRef(label + "narrow"))
	w.put(x, false, to)
	ADDQ(U8(64), to)
	JMP(LabelRef(label + "clear"))
	Label(label + "narrow")
	w.prepare(left) // as many beyond sixteen as there are short of it
	w.put(x, true, to)
	JMP(LabelRef(label + "full"))
	Label(label + "clear")
	TESTQ(left, left)
	JZ(LabelRef(label + "full"))
	w.prepare(left)
	w.clear(x)
	w.over(label+"zero", left, ptrs[:1], func(tail bool) { w.put(x, tail, to) })
	Label(label + "full")
}

// nextRow goes on to the next of m rows.
func (w *work) nextRow(label string, n reg.GPVirtual, ptrs ...reg.GPVirtual) {
	ADDQ(field(w.t, rowGrow), n)
	for _, p := range ptrs {
		ADDQ(field(w.t, rowStep), p)
	}
	DECQ(field(w.t, rowM))
	JNZ(LabelRef(label))
}

func softmaxBack(s isa) {
	w := row(s, "softmaxBackRows", "turns m rows of gradients p0 of probabilities p1 into those of scores: d = p∘(d − Σ p·d)·f0.")
	d, q, n := GP64(), GP64(), GP64()
	MOVQ(field(w.t, rowP), d)
	MOVQ(field(w.t, rowP+8), q)
	MOVQ(field(w.t, rowN), n)
	scale, sum, a, b := w.f(0), w.vec(), w.vec(), w.vec()
	Label("row")
	w.prepare(n)
	CMPQ(n, U8(16))
	JLT(LabelRef("short"))
	w.clear(sum)
	pd, pq := GP64(), GP64()
	MOVQ(d, pd)
	MOVQ(q, pq)
	w.over("sum", n, []reg.GPVirtual{pd, pq}, func(tail bool) {
		w.get(pd, tail, a)
		w.get(pq, tail, b)
		w.fma(a, b, sum)
	})
	w.tree(VADDPS, sum, a)
	MOVQ(d, pd)
	MOVQ(q, pq)
	w.finishRow("back", n, []reg.GPVirtual{pd, pq}, a, func(tail bool) {
		w.get(pd, tail, a)
		w.get(pq, tail, b)
		w.sub(a, sum, a)
		w.mul(b, scale, b)
		w.mul(a, b, a)
	})
	JMP(LabelRef("next"))

	Label("short") // the same, with the row in registers
	w.get(d, true, a)
	w.get(q, true, b)
	w.mul(a, b, sum)
	tmp := w.vec()
	w.tree(VADDPS, sum, tmp)
	w.sub(a, sum, a)
	w.mul(b, scale, b)
	w.mul(a, b, a)
	w.clear(tmp)
	w.within(a, tmp)
	w.putShort(d, a)
	Label("next")
	w.nextRow("row", n, d, q)
	end()
}

func scaleTo(s isa) {
	w := row(s, "scaleBy", "is y p0 = f0·p1.")
	w.times("scale", w.n(), w.p(0, 1), w.f(0))
	end()
}

// times writes the multiples of n numbers, to the first pointer from the second.
func (w *work) times(label string, n reg.GPVirtual, ps []reg.GPVirtual, by vec) {
	w.manyOver(4, label, n, ps, func(tail bool) {
		a := w.vec()
		w.get(ps[1], tail, a)
		w.mul(a, by, a)
		w.put(a, tail, ps[0])
	})
}

// adamW is AdamW's Update: p p0, g p1, m p2, v p3; f: 0 shrink, 1 step, 2 1/root, 3 eps,
// 4 1−β₁, 5 β₂, 6 1−β₂. Scalars beyond the registers of AVX2 are spread where needed.
func adamW(s isa) {
	w := row(s, "adamW", "is one update of parameters p0 by gradients p1 and moments p2 and p3.")
	n, ps := w.n(), w.p(0, 1, 2, 3)
	var held []vec
	for i := range 7 {
		if w.wide || i == 0 {
			held = append(held, w.f(i))
		}
	}
	f := func(i int) vec {
		if !w.wide {
			w.scalar(rowF+4*i, held[0])
			return held[0]
		}
		return held[i]
	}
	w.manyOver(2, "update", n, ps, func(tail bool) {
		g, m, v, p, a := w.vec(), w.vec(), w.vec(), w.vec(), w.vec()
		// all are read before any is written: what lies a page apart would wait for it
		w.get(ps[1], tail, g)
		w.get(ps[2], tail, m)
		w.get(ps[3], tail, v)
		w.get(ps[0], tail, p)
		w.sub(g, m, a)
		w.fma(a, f(4), m)
		w.put(m, tail, ps[2])
		w.mul(g, f(6), a)
		w.mul(a, g, a)
		w.muladd(f(5), a, v)
		w.put(v, tail, ps[3])
		w.sqrt(v, v)
		w.move(f(3), a)
		w.fma(v, f(2), a)
		w.div(m, a, m)
		w.mul(p, f(0), p)
		w.fnma(m, f(1), p)
		w.put(p, tail, ps[0])
	})
	end()
}

// rotate turns m rows, rowFar bytes apart, of rowFull heads of 2n numbers, rowStep bytes
// apart: p0 the first, p1 cosines, p2 sines, n of each a row, times f0.
func rotate(s isa) {
	w := row(s, "rotateHeads", "turns the heads of m rows by their positions' angles.")
	n := w.n()
	head, left := GP64(), GP64()
	sign, x, y, c, z, a := w.f(0), w.vec(), w.vec(), w.vec(), w.vec(), w.vec()
	next := func(label string) {
		ADDQ(field(w.t, rowStep), head)
		DECQ(left)
		JNZ(LabelRef(label))
		by := GP64()
		MOVQ(field(w.t, rowFar), by)
		ADDQ(by, field(w.t, rowP))
		LEAQ(Mem{Base: n, Index: n, Scale: 1}, by)
		ADDQ(by, by)
		ADDQ(by, field(w.t, rowP+8))
		ADDQ(by, field(w.t, rowP+16))
		DECQ(field(w.t, rowM))
		JNZ(LabelRef("row"))
	}
	Label("row")
	MOVQ(field(w.t, rowP), head)
	MOVQ(field(w.t, rowFull), left)
	if w.wide {
		CMPQ(n, U8(8))
		JE(LabelRef("register"))
	}
	Label("head")
	ps := append(w.p(1, 2), GP64(), GP64())
	MOVQ(head, ps[2])
	LEAQ(Mem{Base: head, Index: n, Scale: 4}, ps[3])
	w.over("pair", n, ps, func(tail bool) {
		w.get(ps[0], tail, c)
		w.get(ps[1], tail, z)
		w.get(ps[2], tail, x)
		w.get(ps[3], tail, y)
		w.mul(z, sign, z)
		w.mul(x, c, a)
		w.fnma(y, z, a)
		w.put(a, tail, ps[2])
		w.mul(y, c, a)
		w.fma(x, z, a)
		w.put(a, tail, ps[3])
	})
	next("head")
	if w.wide {
		JMP(LabelRef("turned"))
		Label("register")
		w.rotateWhole(head, sign[0], x[0], y[0], c[0], z[0], next)
		Label("turned")
	}
	end()
}

// rotateWhole is rotate of heads that fill a register of AVX-512, both halves at once: a
// product by the cosine, and of the halves exchanged by the sine, negative for the first.
func (w *work) rotateWhole(head reg.GPVirtual, sign, x, y, c, z reg.VecPhysical, next func(label string)) {
	low, ps := GP64(), w.p(1, 2)
	VBROADCASTF32X8(Mem{Base: ps[0]}, c)
	VBROADCASTF32X8(Mem{Base: ps[1]}, z)
	VMULPS(sign, z, z)
	MOVQ(U32(0xff), low)
	KMOVW(low.As32(), reg.K2)
	VMULPS(w.c(-1), z, reg.K2, z)
	Label("whole")
	VMOVUPS(Mem{Base: head}, x)
	VSHUFF64X2(U8(0x4E), x, x, y)
	VMULPS(c, x, x)
	VFMADD231PS(z, y, x)
	VMOVUPS(x, Mem{Base: head})
	next("whole")
}
