package main

import (
	"math"
	"strings"

	. "github.com/mmcloughlin/avo/build"
)

// Kernels that go number by number: activations and their slopes, and vector sums. Each
// is y p0 of x p1 and sometimes more.

// through writes one: body makes out of the vectors loaded from p1, p2, … what goes to p0.
func through(s isa, name, doc string, inputs int, body func(w *work, in []vec)) {
	w := row(s, name, doc)
	if strings.HasSuffix(name, "Row") || name == "swiglu" {
		w.holdExp()
	}
	n, is := w.n(), []int{0}
	for i := range inputs {
		is = append(is, i+1)
	}
	ps := w.p(is...)
	many := 4
	if name == "geluErfBackRow" { // six vectors beside the constants
		many = 2
	}
	w.manyOver(many, "each", n, ps, func(tail bool) {
		var in []vec
		for i := range inputs {
			in = append(in, w.vec())
			w.get(ps[i+1], tail, in[i])
		}
		body(w, in)
		w.put(in[0], tail, ps[0])
	})
	end()
}

func pointwise(s isa) {
	tmp := func(w *work, n int, do func(v []vec)) {
		var v []vec
		for range n {
			v = append(v, w.vec())
		}
		do(v)
		w.drop(v...)
	}
	through(s, "addTo", "is y p0 = p1 + p2.", 2, func(w *work, in []vec) { w.add(in[0], in[1], in[0]) })
	through(s, "mulTo", "is y p0 = p1∘p2.", 2, func(w *work, in []vec) { w.mul(in[0], in[1], in[0]) })
	through(s, "addScaled", "is y p0 = p1 + f0·p2.", 2, func(w *work, in []vec) {
		tmp(w, 1, func(v []vec) {
			w.scalar(rowF, v[0])
			w.fma(in[1], v[0], in[0])
		})
	})
	through(s, "siluRow", "is y p0 = silu of x p1.", 1, func(w *work, in []vec) {
		tmp(w, 3, func(v []vec) {
			w.move(in[0], v[0])
			w.sigmoid(v[0], v[1], v[2])
			w.mul(in[0], v[0], in[0])
		})
	})
	through(s, "siluBackRow", "is dx p0 = dy p1 ∘ silu′ of x p2.", 2, func(w *work, in []vec) {
		tmp(w, 3, func(v []vec) {
			w.siluSlope(in[1], v)
			w.mul(in[0], v[1], in[0])
		})
	})
	through(s, "swiglu", "is y p0 = silu of gate p1 ∘ up p2.", 2, func(w *work, in []vec) {
		tmp(w, 3, func(v []vec) {
			w.move(in[0], v[0])
			w.sigmoid(v[0], v[1], v[2])
			w.mul(in[0], v[0], in[0])
			w.mul(in[0], in[1], in[0])
		})
	})
	swigluBack(s)
	swigluFork(s)
	through(s, "geluTanhRow", "is y p0 = x p1 · sigmoid(2u).", 1, func(w *work, in []vec) {
		tmp(w, 3, func(v []vec) {
			w.geluGate(in[0], v[1], v)
			w.mul(in[0], v[0], in[0])
		})
	})
	through(s, "geluTanhBackRow", "is dx p0 = dy p1 ∘ the slope at x p2.", 2, func(w *work, in []vec) {
		tmp(w, 3, func(v []vec) {
			w.geluGate(in[1], v[1], v)
			w.mul(in[1], in[1], v[2])
			w.geluSlope(in[1], v[2], v)
			w.mul(in[0], v[0], in[0])
		})
	})
	geluTanhSlope(s)
	through(s, "geluErfRow", "is y p0 = x p1 · Φ(x).", 1, func(w *work, in []vec) {
		tmp(w, 4, func(v []vec) {
			w.phi(in[0], v)
			w.mul(in[0], v[0], in[0])
		})
	})
	through(s, "geluErfBackRow", "is dx p0 = dy p1 ∘ the slope at x p2.", 2, func(w *work, in []vec) {
		tmp(w, 4, func(v []vec) {
			w.phi(in[1], v)
			w.mul(in[1], in[1], v[1])
			w.mul(v[1], w.c(-0.5), v[1])
			w.exp(v[1], v[2], v[3])
			w.mul(v[1], w.c(0.3989422804014327), v[1])
			w.fma(in[1], v[1], v[0])
			w.mul(in[0], v[0], in[0])
		})
	})
}

// siluSlope leaves s·(1 + x·(1 − s)) in v[1] and s = sigmoid(x) in v[0].
func (w *work) siluSlope(x vec, v []vec) {
	w.move(x, v[0])
	w.sigmoid(v[0], v[1], v[2])
	w.move(w.c(1), v[1])
	w.sub(v[1], v[0], v[1])
	w.move(w.c(1), v[2])
	w.fma(x, v[1], v[2])
	w.mul(v[2], v[0], v[1])
}

// swigluBack has two results: dgate p0 and dup p1 from dy p2, gate p3 and up p4.
func swigluBack(s isa) {
	w := row(s, "swigluBack", "gives the gradients of gate and up.")
	w.holdExp()
	n, ps := w.n(), w.p(0, 1, 2, 3, 4)
	w.manyOver(2, "each", n, ps, func(tail bool) {
		d, g, u := w.vec(), w.vec(), w.vec()
		v := []vec{w.vec(), w.vec(), w.vec()}
		w.get(ps[2], tail, d)
		w.get(ps[3], tail, g)
		w.siluSlope(g, v)
		w.get(ps[4], tail, u)
		w.mul(u, d, u)
		w.mul(u, v[1], u)
		w.put(u, tail, ps[0])
		w.mul(g, v[0], g)
		w.mul(g, d, g)
		w.put(g, tail, ps[1])
	})
	end()
}

// swigluFork is swiglu of m rows, and leaves what the way back multiplies by: a slope in p1, and
// silu in place of the gate.
func swigluFork(s isa) {
	w := row(s, "swigluFork", "is m rows of y p0 = silu of gate p2 ∘ up p3, rowStep apart as the slopes p1; silu replaces the gate, rowFar apart.")
	w.holdExp()
	n := w.n()
	Label("row")
	ps := w.p(0, 1, 2, 3)
	w.manyOver(4, "each", n, ps, func(tail bool) {
		g := w.vec()
		v := []vec{w.vec(), w.vec(), w.vec()}
		w.get(ps[2], tail, g)
		w.siluSlope(g, v)
		w.put(v[1], tail, ps[1])
		w.get(ps[3], tail, v[1])
		w.mul(g, v[0], g)
		w.put(g, tail, ps[2])
		w.mul(g, v[1], g)
		w.put(g, tail, ps[0])
	})
	far := GP64()
	MOVQ(field(w.t, rowFar), far)
	for i := 2; i < 4; i++ {
		ADDQ(far, field(w.t, rowP+8*i))
	}
	w.rowsDone("row", []int{0, 1}, nil)
	end()
}

const rootTwoOverPi = 0.7978845608028654

// geluGate leaves sigmoid(2u) in v[0], u = √(2/π)(x + 0.044715x³), and x² in square.
func (w *work) geluGate(x, square vec, v []vec) {
	w.mul(x, x, square)
	w.move(w.c(-2*rootTwoOverPi), v[0])
	w.fma(square, w.c(-2*rootTwoOverPi*0.044715), v[0])
	w.mul(v[0], x, v[0])
	w.sigmoidOfMinus(v[0], v[1], v[2])
}

// geluSlope leaves s + x·s(1−s)·2u′ in v[0], where geluGate left s, by x and its square,
// which is lost.
func (w *work) geluSlope(x, square vec, v []vec) {
	w.move(w.c(1), v[1])
	w.sub(v[1], v[0], v[1])
	w.mul(v[1], v[0], v[1])
	w.mul(v[1], x, v[1])
	w.mul(square, w.c(3*2*rootTwoOverPi*0.044715), square)
	w.add(square, w.c(2*rootTwoOverPi), square)
	w.fma(v[1], square, v[0])
}

// geluTanhSlope has two results: y p0, and the slope in place of x p1.
func geluTanhSlope(s isa) {
	w := row(s, "geluTanhSlope", "is y p0 of x p1, which the slope replaces.")
	w.holdExp()
	n, ps := w.n(), w.p(0, 1)
	w.manyOver(4, "each", n, ps, func(tail bool) {
		x, square := w.vec(), w.vec()
		v := []vec{w.vec(), w.vec(), w.vec()}
		w.get(ps[1], tail, x)
		w.geluGate(x, square, v)
		w.mul(x, v[0], v[1])
		w.put(v[1], tail, ps[0])
		w.geluSlope(x, square, v)
		w.put(v[0], tail, ps[1])
	})
	end()
}

// phi leaves Φ(x) = ½(1 + erf(x/√2)) in v[0]; erf is the odd rational function of Eigen's,
// within ±4.
func (w *work) phi(x vec, v []vec) {
	z, s, p, q := v[1], v[2], v[0], v[3]
	w.mul(x, w.c(math.Sqrt2/2), z)
	w.move(w.c(-4), s)
	each(VMAXPS, s, z, s)
	w.move(w.c(4), z)
	each(VMINPS, z, s, z)
	w.mul(z, z, s)
	w.move(w.c(-2.72614225801306e-10), p)
	for _, c := range []float64{2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05, -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02} {
		w.muladd(s, w.c(c), p)
	}
	w.move(w.c(-1.45660718464996e-05), q)
	for _, c := range []float64{-2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03, -1.42647390514189e-02} {
		w.muladd(s, w.c(c), q)
	}
	w.mul(p, z, p)
	w.div(p, q, p)
	w.mul(p, w.c(0.5), p)
	w.add(p, w.c(0.5), p)
}
