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

// crossEntropy leaves the largest number and the sum of exponentials below it; if p1 is
// not nil, the exponentials go there, which may be the row itself.
func crossEntropy(s isa) {
	w := row(s, "expSum", "leaves the top of row p0 and Σ e^(x−top), with the exponentials at p1 if not nil.")
	w.holdExp()
	n := w.n()
	p := w.p(0)[0]
	top, sum := w.vec(), w.vec()
	w.topOf("top", n, p, top)
	w.tree(VMAXPS, top, sum)
	w.out(0, top)
	w.clear(sum)
	body := func(ps []reg.GPVirtual) func(bool) {
		return func(tail bool) {
			a, b, c := w.vec(), w.vec(), w.vec()
			w.get(ps[0], tail, a)
			w.sub(a, top, a)
			w.expOrZero(a, b, c)
			if len(ps) > 1 {
				w.put(a, tail, ps[1])
			}
			if tail {
				w.clear(b)
				w.within(a, b)
			}
			w.addUp(a, sum)
		}
	}
	ps := w.p(0, 1)
	TESTQ(ps[1], ps[1])
	JZ(LabelRef("unkept"))
	w.manyOver(4, "kept", n, ps, body(ps))
	JMP(LabelRef("summed"))
	Label("unkept")
	w.manyOver(4, "sum", n, ps[:1], body(ps[:1]))
	Label("summed")
	w.tree(VADDPS, sum, top)
	w.out(1, sum)
	end()
}
