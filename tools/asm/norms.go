package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The norms of rows. A row waits for its sums and their roots far longer than it computes,
// so with AVX-512 four rows go abreast; every row's own steps stay what they are.

// eachRow runs body for m rows, four at a time where registers are enough: rows are
// matrices, lists have a number for each row. body takes its vectors itself, and ends its
// labels by the tag.
func (w *work) eachRow(rows, lists []int, body func(tag string)) {
	free := w.free
	if w.wide {
		step, third, left := GP64(), GP64(), GP64()
		MOVQ(field(w.t, rowStep), step)
		LEAQ(Mem{Base: step, Index: step, Scale: 2}, third)
		Label("four")
		MOVQ(field(w.t, rowM), left)
		CMPQ(left, U8(4))
		JLT(LabelRef("ones"))
		w.abreast, w.apart = 4, []reg.GPVirtual{step, third}
		body("4")
		w.rowsOn(rows, lists)
		w.free, w.abreast, w.apart = free, 1, nil
		JMP(LabelRef("four"))
		Label("ones")
		TESTQ(left, left)
		JZ(LabelRef("all"))
	}
	Label("row")
	body("")
	w.rowsDone("row", rows, lists)
	w.free = free
	if w.wide {
		Label("all")
	}
}

// rowsOn goes on past the rows that are abreast.
func (w *work) rowsOn(rows, lists []int) {
	step := GP64()
	MOVQ(field(w.t, rowStep), step)
	if w.abreast == 4 {
		SHLQ(U8(2), step)
	}
	for _, i := range rows {
		ADDQ(step, field(w.t, rowP+8*i))
	}
	for _, i := range lists {
		ADDQ(U8(4*w.abreast), field(w.t, rowP+8*i))
	}
	SUBQ(U8(w.abreast), field(w.t, rowM))
}

// rowsDone goes on to the next of m rows, of n numbers each, if there is one.
func (w *work) rowsDone(label string, rows, lists []int) {
	w.rowsOn(rows, lists)
	JNZ(LabelRef(label))
}

// given spreads the numbers of the rows at hand in list i.
func (w *work) given(i int) vec {
	v := w.vec()
	at, n := w.p(i)[0], len(v)/w.abreast
	for j, r := range v {
		VBROADCASTSS(Mem{Base: at, Disp: 4 * (j / n)}, r)
	}
	return v
}

// give stores the first lanes as the numbers of the rows at hand in list i.
func (w *work) give(i int, v vec) {
	at, n := w.p(i)[0], len(v)/w.abreast
	for j := 0; j < len(v); j += n {
		VMOVSS(v[j].AsX(), Mem{Base: at, Disp: 4 * (j / n)})
	}
}

// inverse replaces x, whose lanes are all alike, by one over its root; a is lost. Roots and
// quotients take as long as they are wide.
func (w *work) inverse(x, a vec) {
	n := len(x) / w.abreast
	for i := 0; i < len(x); i += n {
		few, one := x[i].AsX(), a[i].AsX()
		VSQRTPS(few, few)
		VBROADCASTSS(w.c(1), one)
		VDIVPS(few, one, few)
		for _, r := range x[i : i+n] {
			VBROADCASTSS(few, r)
		}
	}
}

func rmsNorm(s isa) {
	w := row(s, "rmsNorm", "is rows of y p0 = x p1·inv∘gain p2 with f0 = 1/n, f1 = eps; the list p5 receives inv.")
	n := w.n()
	w.eachRow([]int{0, 1}, []int{5}, func(tag string) {
		sum, a, b := w.vec(), w.vec(), w.one()
		p := w.p(1)[0]
		w.clear(sum)
		w.over("sum"+tag, n, []reg.GPVirtual{p}, func(tail bool) {
			w.get(p, tail, a)
			w.fma(a, a, sum)
		})
		w.tree(VADDPS, sum, a)
		eps := w.one()
		w.scalar(rowF, b)
		w.scalar(rowF+4, eps)
		w.muladd(b, eps, sum)
		w.inverse(sum, a)
		w.give(5, sum)
		ps := w.p(0, 1, 2)
		w.over("norm"+tag, n, ps, func(tail bool) {
			w.get(ps[1], tail, a)
			w.get(ps[2], tail, b)
			w.mul(a, sum, a)
			w.mul(a, b, a)
			w.put(a, tail, ps[0])
		})
	})
	end()
}

func rmsNormBack(s isa) {
	w := row(s, "rmsNormBack", "adds to rows of dx p0 from dy p1, x p2, gain p3, the list p6 of inv and, if not nil, to dgain p4; f0 = 1/n.")
	n := w.n()
	w.eachRow([]int{0, 1, 2}, []int{6}, func(tag string) {
		sum, a, b, g := w.vec(), w.vec(), w.vec(), w.one()
		inv := w.given(6)
		w.clear(sum)
		ps := w.p(1, 2, 3)
		w.over("sum"+tag, n, ps, func(tail bool) {
			w.get(ps[0], tail, a)
			w.get(ps[1], tail, b)
			w.get(ps[2], tail, g)
			w.mul(a, g, a)
			w.fma(a, b, sum)
		})
		w.tree(VADDPS, sum, a)
		w.scalar(rowF, g)
		w.mul(sum, g, sum)
		w.mul(sum, inv, sum)
		w.mul(sum, inv, sum)
		ps = w.p(1, 2, 3, 0)
		w.over("back"+tag, n, ps, func(tail bool) {
			w.get(ps[0], tail, a)
			w.get(ps[1], tail, b)
			w.get(ps[2], tail, g)
			w.mul(a, g, a)
			w.fnma(b, sum, a)
			w.get(ps[3], tail, b)
			w.fma(a, inv, b)
			w.put(b, tail, ps[3])
		})
		ps = w.p(1, 2, 4)
		TESTQ(ps[2], ps[2])
		JZ(LabelRef("frozen" + tag))
		w.over("gain"+tag, n, ps, func(tail bool) {
			w.get(ps[0], tail, a)
			w.get(ps[1], tail, b)
			w.get(ps[2], tail, g)
			w.mul(b, inv, b)
			for i := 0; i < len(a); i += len(g) { // row after row
				w.fma(a[i:i+len(g)], b[i:i+len(g)], g)
			}
			w.put(g, tail, ps[2])
		})
		Label("frozen" + tag)
	})
	end()
}

func layerNorm(s isa) {
	w := row(s, "layerNorm", "is rows of y p0 of x p1, gain p2 and, if not nil, bias p3; f0 = 1/n, f1 = eps; the lists p5 and p6 receive mean and inv.")
	n := w.n()
	w.eachRow([]int{0, 1}, []int{5, 6}, func(tag string) {
		mean, inv, a, b, c := w.vec(), w.vec(), w.vec(), w.one(), w.one()
		p := w.p(1)[0]
		w.clear(mean)
		w.over("sum"+tag, n, []reg.GPVirtual{p}, func(tail bool) {
			w.get(p, tail, a)
			w.add(mean, a, mean)
		})
		w.tree(VADDPS, mean, a)
		w.scalar(rowF, b)
		w.mul(mean, b, mean)
		w.give(5, mean)
		MOVQ(field(w.t, rowP+8), p)
		w.clear(inv)
		w.over("square"+tag, n, []reg.GPVirtual{p}, func(tail bool) {
			w.get(p, tail, a)
			if tail {
				w.within(a, mean)
			}
			w.sub(a, mean, a)
			w.fma(a, a, inv)
		})
		w.tree(VADDPS, inv, a)
		w.scalar(rowF+4, c)
		w.muladd(b, c, inv)
		w.inverse(inv, a)
		w.give(6, inv)
		ps := w.p(1, 2, 0, 3)
		TESTQ(ps[3], ps[3])
		JZ(LabelRef("plain" + tag))
		body := func(bias bool) func(bool) {
			return func(tail bool) {
				w.get(ps[0], tail, a)
				w.get(ps[1], tail, b)
				w.sub(a, mean, a)
				w.mul(a, inv, a)
				if bias {
					w.get(ps[3], tail, c)
					w.muladd(b, c, a)
				} else {
					w.mul(a, b, a)
				}
				w.put(a, tail, ps[2])
			}
		}
		w.over("biased"+tag, n, ps, body(true))
		JMP(LabelRef("normed" + tag))
		Label("plain" + tag)
		w.over("unbiased"+tag, n, ps[:3], body(false))
		Label("normed" + tag)
	})
	end()
}

func layerNormBack(s isa) {
	w := row(s, "layerNormBack", "adds to rows of dx p0 from dy p1, x p2, gain p3, the lists p5 and p6 of mean and inv, and to dgain p4 if not nil; f0 = 1/n.")
	n := w.n()
	w.eachRow([]int{0, 1, 2}, []int{5, 6}, func(tag string) {
		flat, pull, a, b, g := w.vec(), w.vec(), w.vec(), w.vec(), w.one()
		mean, inv := w.given(5), w.given(6)
		w.clear(flat)
		w.clear(pull)
		hat := func(x reg.Register, tail bool) {
			w.get(x, tail, b)
			w.sub(b, mean, b)
			w.mul(b, inv, b)
		}
		ps := w.p(1, 2, 3)
		down := func(ps []reg.GPVirtual, tail bool) {
			w.get(ps[0], tail, a)
			w.get(ps[2], tail, g)
			w.mul(a, g, a)
			hat(ps[1], tail)
		}
		w.over("sum"+tag, n, ps, func(tail bool) {
			down(ps, tail)
			w.add(flat, a, flat)
			w.fma(a, b, pull) // a is zero beyond a tail
		})
		w.tree(VADDPS, flat, a)
		w.tree(VADDPS, pull, a)
		w.scalar(rowF, g)
		w.mul(flat, g, flat)
		w.mul(pull, g, pull)
		back := w.p(1, 2, 3, 0)
		w.over("back"+tag, n, back, func(tail bool) {
			down(back, tail)
			w.sub(a, flat, a)
			w.fnma(b, pull, a)
			w.get(back[3], tail, b)
			w.fma(a, inv, b)
			w.put(b, tail, back[3])
		})
		gain := w.p(1, 2, 4)
		TESTQ(gain[2], gain[2])
		JZ(LabelRef("frozen" + tag))
		w.over("gain"+tag, n, gain, func(tail bool) {
			hat(gain[1], tail)
			w.get(gain[0], tail, a)
			w.mul(a, b, b)
			w.get(gain[2], tail, g)
			w.addUp(b, g)
			w.put(g, tail, gain[2])
		})
		Label("frozen" + tag)
	})
	end()
}
