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
	w.exponentials("sum", n, w.p(0)[0], nil, top, sum)
	w.out(1, sum)
	end()
}

// exponentials adds up e^(x−top) of n numbers. Where the next row is so many bytes on they
// replace the numbers, and the row is called for.
func (w *work) exponentials(label string, n, p reg.GPVirtual, next reg.Register, top, sum vec) {
	w.clear(sum)
	w.manyOver(4, label, n, []reg.GPVirtual{p}, func(tail bool) {
		a, b, c := w.vec(), w.vec(), w.vec()
		w.get(p, tail, a)
		w.sub(a, top, a)
		w.expOrZero(a, b, c)
		if next != nil {
			for i := 0; i < len(a); i += 64 / w.bytes() {
				PREFETCHT0(Mem{Base: p, Index: next, Scale: 1, Disp: w.bytes() * i})
			}
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
// label, and leaves what is left of a [Labelled] of each.
func crossEntropyBack(s isa) {
	w := row(s, "lossRows", "replaces m rows p0 by softmax(x)·weight, with what p1 says of each.")
	w.holdExp()
	n := w.n()
	of, step := GP64(), GP64()
	MOVQ(field(w.t, rowP+8), of)
	MOVQ(field(w.t, rowStep), step)
	top, sum := w.vec(), w.vec()
	Label("row")
	p := w.p(0)[0]
	w.topOf("top", n, p, top)
	w.tree(VMAXPS, top, sum)
	VMOVSS(top[0].AsX(), Mem{Base: of, Disp: labelledTop})
	w.rivals(of, n, top)
	w.exponentials("exp", n, w.p(0)[0], step, top, sum)
	VMOVSS(sum[0].AsX(), Mem{Base: of, Disp: labelledSum})
	VBROADCASTSS(Mem{Base: of, Disp: labelledWeight}, top[0].AsX())
	VDIVPS(sum[0].AsX(), top[0].AsX(), top[0].AsX())
	for i := range top {
		VBROADCASTSS(top[0].AsX(), top[len(top)-1-i])
	}
	w.times("by", n, w.p(0, 0), top)
	p, label := w.p(0)[0], GP64()
	MOVQ(Mem{Base: of, Disp: labelledLabel}, label)
	own := Mem{Base: p, Index: label, Scale: 4}
	VMOVSS(own, top[0].AsX())
	VSUBSS(Mem{Base: of, Disp: labelledWeight}, top[0].AsX(), top[0].AsX())
	VMOVSS(top[0].AsX(), own)
	ADDQ(U8(labelledSize), of)
	w.rowsDone("row", []int{0}, nil)
	end()
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
