package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	expBound = 87.3
	log2e    = 1.44269504088896341
	ln2hi    = 0.693359375
	ln2lo    = -2.12194440e-4
	expTop   = 1.9875691500e-4
)

var expRest = []float64{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1}

// exp replaces x by eˣ, at most 2 units in the last place off, x being held within ±87.3
// first; NaN stays. It is the algorithm of linalg/kernel's Exp, with fused steps.
func (w *work) exp(x, n, y vec) {
	w.atLeast(-expBound, x, n)
	w.atMost(expBound, x, y)
	w.expWithin(x, n, y, nil)
}

// atLeast raises x to the bound and atMost lowers it; NaN stays, being the second source of
// the comparison.
func (w *work) atLeast(bound float64, x, tmp vec) {
	w.move(w.c(bound), tmp)
	each(VMAXPS, tmp, x, x)
}

func (w *work) atMost(bound float64, x, tmp vec) {
	w.move(w.c(bound), tmp)
	each(VMINPS, tmp, x, x)
}

// expWithin is exp of an x within the bounds, with masks zero where they are not set.
func (w *work) expWithin(x, n, y vec, masks []reg.Register) {
	w.mul(x, w.c(log2e), n)
	for _, r := range n {
		if w.wide {
			VRNDSCALEPS(U8(8), r, r)
		} else {
			VROUNDPS(U8(8), r, r)
		}
	}
	w.fnma(n, w.c(ln2hi), x)
	w.fnma(n, w.c(ln2lo), x)
	w.move(w.c(expTop), y)
	for _, c := range expRest {
		w.muladd(x, w.c(c), y)
	}
	for i, r := range n {
		VCVTPS2DQ(r, r)
		VPSLLD(U8(23), r, r)
		if masks != nil {
			VPADDD_Z(r, y[i], masks[i], x[i])
		} else {
			VPADDD(r, y[i], x[i])
		}
	}
}

// expOrZero is exp of an x that is no larger than the bound, but zero below −87.3: what
// comes out there is thrown away.
func (w *work) expOrZero(x, n, y vec) {
	if w.wide {
		ks := []reg.Register{reg.K2, reg.K3, reg.K4, reg.K5}
		for i, r := range x {
			VCMPPS(U8(5), w.c(-expBound), r, ks[i]) // x not below the bound, or no number
		}
		w.expWithin(x, n, y, ks)
		return
	}
	tiny := w.vec()
	for i, r := range tiny {
		VCMPPS(U8(1), w.c(-expBound), x[i], r) // x < the bound
	}
	w.expWithin(x, n, y, nil)
	for i, r := range tiny {
		VANDNPS(x[i], r, x[i])
	}
	w.drop(tiny)
}

// sigmoid replaces x by 1/(1+e⁻ˣ).
func (w *work) sigmoid(x, n, y vec) {
	w.mul(x, w.c(-1), x)
	w.sigmoidOfMinus(x, n, y)
}

// sigmoidOfMinus replaces x by 1/(1+eˣ).
func (w *work) sigmoidOfMinus(x, n, y vec) {
	w.exp(x, n, y)
	w.add(x, w.c(1), x)
	w.move(w.c(1), n)
	w.div(n, x, x)
}
