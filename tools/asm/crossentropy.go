package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// top leaves the largest number of row p0, or the lowest there is; a NaN is none.
func top(s isa) {
	w := row(s, "top", "leaves the largest number of row p0.")
	n := w.n()
	p := w.p(0)[0]
	top, a := w.vec(), w.vec()
	w.topOf("top", n, p, top)
	w.tree(VMAXPS, top, a)
	w.out(0, top)
	end()
}

// topOf gathers the largest numbers of sixteen lanes.
func (w *work) topOf(label string, n, p reg.GPVirtual, top vec) {
	w.move(w.c(-math.MaxFloat32), top)
	tops := []vec{top}
	for len(tops) < 4 && w.wide {
		tops = append(tops, w.vec())
		w.move(top, tops[len(tops)-1])
	}
	w.manyOver(len(tops), label, n, []reg.GPVirtual{p}, func(tail bool) {
		a := w.vec()
		w.get(p, tail, a)
		if tail {
			w.within(a, top)
		}
		for i := range w.abreast {
			each(VMAXPS, a[i*len(top):][:len(top)], tops[i], tops[i])
		}
	})
	for _, t := range tops[1:] {
		w.max(t, top, top)
	}
	w.drop(tops[1:]...)
}

// crossEntropy leaves the largest number and the sum of exponentials below it.
func crossEntropy(s isa) {
	w := row(s, "expSum", "leaves the top of row p0 and Σ e^(x−top).")
	w.holdExp()
	n := w.n()
	top, sum := w.vec(), w.vec()
	p := w.p(0)[0]
	w.topOf("top", n, p, top)
	w.tree(VMAXPS, top, sum)
	w.out(0, top)
	w.exponentials("sum", n, w.p(0)[0], false, top, sum)
	w.out(1, sum)
	end()
}

// exponentials adds up e^(x−top) of n numbers, which they may replace.
func (w *work) exponentials(label string, n, p reg.GPVirtual, replace bool, top, sum vec) {
	w.clear(sum)
	w.manyOver(4, label, n, []reg.GPVirtual{p}, func(tail bool) {
		a, b, c := w.vec(), w.vec(), w.vec()
		w.get(p, tail, a)
		w.sub(a, top, a)
		w.expOrZero(a, b, c)
		if replace {
			w.put(a, tail, p)
		}
		if tail {
			w.clear(b)
			w.within(a, b)
		}
		w.addUp(a, sum)
	})
	tmp := w.vec()
	w.tree(VADDPS, sum, tmp)
	w.drop(tmp)
}

// The fields of linalg/kernel's Labelled, by their offsets.
const (
	labelledLabel  = 0
	labelledWeight = 16
	labelledOwn    = 20
	labelledTop    = 24
	labelledSum    = 28
	labelledRivals = 32
	labelledSize   = 40
)

// crossEntropyBack replaces m rows by their softmax times a weight, less the weight at the
// label, and leaves what is left of a [Labelled] of each. While AVX-512 makes the exponentials
// of a row it multiplies the row before and looks for the largest numbers of the next: what the
// former computes and the latter move goes side by side.
func crossEntropyBack(s isa) {
	w := row(s, "lossRows", "replaces m rows p0 by softmax(x)·weight, with what p1 says of each.")
	w.hold(append([]float64{-expBound, log2e, ln2hi, ln2lo, expTop}, expRest[:6]...)...)
	n, of := w.n(), w.p(1)[0]
	top, sum := w.vec(), w.vec()
	if !w.wide {
		Label("row")
		w.topOf("top", n, w.p(0)[0], top)
		w.known(of, n, top, sum)
		w.exponentials("exp", n, w.p(0)[0], true, top, sum)
		w.weigh(of, sum, top)
		w.weighted("by", n, w.p(0)[0], of, top)
		ADDQ(U8(labelledSize), of)
		w.rowsDone("row", []int{0}, nil)
		end()
		return
	}
	before, next, by := GP64(), w.vec(), w.vec()
	XORQ(before, before)
	w.topOf("top", n, w.p(0)[0], next)
	Label("row")
	w.move(next, top)
	w.known(of, n, top, sum)
	p, on, q := w.p(0)[0], GP64(), GP64()
	MOVQ(p, on)
	MOVQ(p, q)
	ADDQ(field(w.t, rowStep), q)
	CMPQ(field(w.t, rowM), U8(1)) // after the last row comes the same again
	CMOVQHI(q, on)
	w.move(w.c(-math.MaxFloat32), next)
	w.clear(sum)
	body := func(q reg.GPVirtual) func(tail bool) {
		return func(tail bool) {
			a, b, c, d := w.vec(), w.vec(), w.vec(), w.vec()
			w.get(on, tail, d)
			if tail {
				w.within(d, next)
			}
			for i := range d {
				VMAXPS(next[0], d[i], next[0])
			}
			w.get(p, tail, a)
			w.sub(a, top, a)
			w.expOrZero(a, b, c)
			w.put(a, tail, p)
			if q != nil {
				w.get(q, tail, d)
				w.mul(d, by, d)
				w.put(d, tail, q)
			}
			if tail {
				w.clear(b)
				w.within(a, b)
			}
			w.addUp(a, sum)
		}
	}
	TESTQ(before, before)
	JZ(LabelRef("first"))
	MOVQ(before, q)
	w.manyOver(4, "exp", n, []reg.GPVirtual{p, on, q}, body(q))
	w.lessWeight(before, Mem{Base: of, Disp: -labelledSize})
	JMP(LabelRef("summed"))
	Label("first")
	w.manyOver(4, "alone", n, []reg.GPVirtual{p, on}, body(nil))
	Label("summed")
	w.tree(VADDPS, sum, by)
	w.weigh(of, sum, by)
	MOVQ(field(w.t, rowP), before)
	ADDQ(U8(labelledSize), of)
	w.rowsDone("row", []int{0}, nil)
	SUBQ(U8(labelledSize), of)
	w.weighted("by", n, before, of, by)
	end()
}

// known leaves the top of a row, whose lanes are gathered, and what its label says of it.
func (w *work) known(of, n reg.GPVirtual, top, tmp vec) {
	w.tree(VMAXPS, top, tmp)
	VMOVSS(top[0].AsX(), Mem{Base: of, Disp: labelledTop})
	w.rivals(of, n, top)
}

// weigh leaves the sum of a row, and gives by what its exponentials are to be multiplied.
func (w *work) weigh(of reg.GPVirtual, sum, by vec) {
	VMOVSS(sum[0].AsX(), Mem{Base: of, Disp: labelledSum})
	VBROADCASTSS(Mem{Base: of, Disp: labelledWeight}, by[0].AsX())
	VDIVPS(sum[0].AsX(), by[0].AsX(), by[0].AsX())
	for i := range by {
		VBROADCASTSS(by[0].AsX(), by[len(by)-1-i])
	}
}

// weighted multiplies a row, and takes the weight from the label's number.
func (w *work) weighted(label string, n, p, of reg.GPVirtual, by vec) {
	from, to := GP64(), GP64()
	MOVQ(p, from)
	MOVQ(p, to)
	w.times(label, n, []reg.GPVirtual{to, from}, by)
	w.lessWeight(p, Mem{Base: of})
}

// lessWeight takes the weight from the number of row p that is the label's.
func (w *work) lessWeight(p reg.GPVirtual, of Mem) {
	label, x := GP64(), w.one()
	own := Mem{Base: p, Index: label, Scale: 4}
	at, weight := of, of
	at.Disp += labelledLabel
	weight.Disp += labelledWeight
	MOVQ(at, label)
	VMOVSS(own, x[0].AsX())
	VSUBSS(weight, x[0].AsX(), x[0].AsX())
	VMOVSS(x[0].AsX(), own)
	w.drop(x)
}

// rivals leaves the label's number and, if that is the top one, which lanes before it have as
// large a one: a model that has learned little is done with the first question.
func (w *work) rivals(of, n reg.GPVirtual, top vec) {
	p, label, lanes := w.p(0)[0], GP64(), GP64()
	own := w.vec()
	MOVQ(Mem{Base: of, Disp: labelledLabel}, label)
	VMOVSS(Mem{Base: p, Index: label, Scale: 4}, own[0].AsX())
	VMOVSS(own[0].AsX(), Mem{Base: of, Disp: labelledOwn})
	VUCOMISS(top[0].AsX(), own[0].AsX())
	JNZ(LabelRef("led"))
	w.prepare(label)
	w.topOf("before", label, p, own)
	for i, r := range own {
		half := GP64()
		if w.wide {
			VCMPPS(U8(0), top[i], r, reg.K2)
			KMOVW(reg.K2, lanes.As32())
			break
		}
		VCMPPS(U8(0), top[i], r, r)
		VMOVMSKPS(r, half.As32())
		if i == 0 {
			MOVQ(half, lanes)
		} else {
			ORL(half.As32(), lanes.As32())
		}
	}
	MOVL(lanes.As32(), Mem{Base: of, Disp: labelledRivals})
	w.prepare(n)
	Label("led")
	w.drop(own)
}
