package kernel

import "math"

// Products of rounded numbers. Both sides of c = a·panels are rounded to bfloat16 (to
// nearest, ties to even): the panels once, when they are packed, and a as it enters. Every
// element then is the chain that float32 has, in ascending order, from which it differs in
// this alone: numbers below the normal ones of float32 count as zero of their sign, in
// what enters, in what the chain begins at and after every step of it. So does the
// processor's own dot product of pairs (VDPBF16PS), and all roads give its bits, the
// portable one too, for products of rounded numbers are exact in float32. What comes after
// the chain (a branch, a bias, a factor) is float32 as ever.

// RoundedContract names what the numbers of these products promise, on every road.
const RoundedContract = "bfloat16/pairs/1"

const (
	exponentBits = 0x7f800000
	signBit      = 1 << 31
)

// bits16 is a number rounded to bfloat16: the upper half of a float32.
func bits16(x float32) uint16 {
	b := math.Float32bits(x)
	switch {
	case x != x:
		return uint16(b>>16) | 0x40 // stays none when it is cut off
	case b&exponentBits == 0:
		return uint16(b >> 16 & 0x8000)
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// Round is the number that a product of rounded numbers has for x.
func Round(x float32) float32 { return BFloat16.Widen(bits16(x)) }

// PackRoundedNT packs w, N×K as checkpoints store a weight, for c = a·wᵀ of rounded numbers.
func PackRoundedNT(w Matrix) *Panels {
	p := rounded(w.Cols, w.Rows)
	for n := range w.Rows {
		for k, x := range w.Row(n) {
			p.half[p.paired(k, n)] = bits16(x)
		}
	}
	return p
}

// PackRoundedNN packs w, K×N, for c = a·w of rounded numbers.
func PackRoundedNN(w Matrix) *Panels {
	p := rounded(w.Rows, w.Cols)
	for k := range w.Rows {
		for n, x := range w.Row(k) {
			p.half[p.paired(k, n)] = bits16(x)
		}
	}
	return p
}

func rounded(k, n int) *Panels {
	p := &Panels{K: k, N: n, format: Rounded}
	p.half = Make[uint16]((n + width - 1) / width * width * 2 * p.pairs())
	return p
}

// pairs is how many pairs the shared side makes; the last may be half empty.
func (p *Panels) pairs() int { return (p.K + 1) / 2 }

// paired is where element (k, n) lies: a panel is a row of 32 pairs for every two places of
// the shared side, and the first of them is the upper half of a pair.
func (p *Panels) paired(k, n int) int {
	return n&^(width-1)*2*p.pairs() + k/2*2*width + n&(width-1)*2 + 1 - k&1
}

// rowRounded is Row of panels of rounded numbers.
func (p *Panels) rowRounded(dst []float32, n int) {
	for k := range dst {
		dst[k] = BFloat16.Widen(p.half[p.paired(k, n)])
	}
}

// turnRounded is turnPanels of panels of rounded numbers, in one stretch.
func (p *Panels) turnRounded(put func(at int, stretch []uint16)) {
	back := rounded(p.N, p.K)
	for n := range p.N {
		for k := range p.K {
			back.half[back.paired(n, k)] = p.half[p.paired(k, n)]
		}
	}
	put(0, back.half)
}

// mulRounded is MulCols of panels of rounded numbers.
func (p *Panels) mulRounded(c, a Matrix, lo, hi int, e Epilogue) {
	if p.fastMulRounded(c, a, lo, hi, e) {
		return
	}
	for i := range c.Rows {
		to := c.Row(i)
		switch {
		case e.Onto.Data != nil:
			copy(to, e.Onto.Row(i))
		case !e.Add:
			clear(to)
		}
		p.chains(to, a.Row(i), lo)
	}
	switch {
	case e.Low != nil && e.Low.K > 0:
		e.Low.Mul(c, e.LowIn, Epilogue{Add: true, Bias: e.Bias, Times: e.Times})
		return
	case e.Bias != nil:
		for i := range c.Rows {
			Add(c.Row(i), e.Bias)
		}
	}
	if e.Times.Data != nil {
		Multiply(c, c, e.Times)
	}
}

// chains continues the chains of a row's elements from column lo of the panels on.
func (p *Panels) chains(c, a []float32, lo int) {
	if p.K == 0 {
		return
	}
	for i, x := range c {
		c[i] = flush(x)
	}
	for q := range p.pairs() {
		first, second := Round(a[2*q]), float32(0)
		if 2*q+1 < len(a) {
			second = Round(a[2*q+1])
		}
		for i, sum := range c {
			at := p.paired(2*q, lo+i)
			sum = chain(sum, first, BFloat16.Widen(p.half[at]))
			c[i] = chain(sum, second, BFloat16.Widen(p.half[at-1]))
		}
	}
}

// chain is sum + x·y, rounded once, for rounded x and y and a sum that is flushed.
func chain(sum, x, y float32) float32 {
	p := float32(x * y)
	if e := math.Float32bits(p) & exponentBits; e != 0 && e != exponentBits {
		return flush(sum + p) // p is exact
	}
	// In float64 the product is exact again, and the sum as exact as it takes: what of it is
	// cut off lies far below half a unit of float32. A result counts as tiny by what it is
	// rounded to if exponents had no end.
	const tiny = 0x1p-126 - 0x1p-151
	t := float64(sum) + float64(float64(x)*float64(y))
	if math.Abs(t) < tiny {
		return float32(math.Copysign(0, t))
	}
	return float32(t)
}

// flush makes a number below the normal ones zero.
func flush(x float32) float32 {
	if b := math.Float32bits(x); b&exponentBits == 0 {
		return math.Float32frombits(b & signBit)
	}
	return x
}
