package kernel

import "math"

// Products of halves. Both sides of c = a·panels are rounded to float16 (IEEE binary16, to
// nearest, ties to even): the panels once, and a as it enters; what is too large for it is
// infinite. A product of two halves is exact in float32, and none is below its normal numbers,
// so every element is the chain of float32 over rounded numbers, fused or not: all roads give
// the same bits. It is as fast as a product of float16 panels, and a little less.

// HalfContract names what the numbers of these products promise, on every road.
const HalfContract = "float16/1"

// RoundLeft has products of float16 panels round their left side too.
func (p *Panels) RoundLeft() *Panels {
	if p.format != Float16 {
		panic("kernel: the left side of panels of " + p.format.String() + " to be rounded to float16")
	}
	p.format = RoundedHalf
	return p
}

// RoundHalf is the number that a product of halves has for x.
func RoundHalf(x float32) float32 {
	b := math.Float32bits(x)
	switch size := b &^ signBit; {
	case x != x:
		return x
	case size >= 0x477ff000: // 65520, from which on the nearest is 2¹⁶
		return math.Float32frombits(b&signBit | exponentBits)
	case size >= 0x38800000: // normal from 2⁻¹⁴ on: thirteen bits go
		return math.Float32frombits((b + 0xfff + b>>13&1) &^ 0x1fff)
	default: // a whole number of 2⁻²⁴: the addition rounds it into the last bits of 0.5
		y := math.Float32frombits(size) + 0.5
		return math.Float32frombits(math.Float32bits(y-0.5) | b&signBit)
	}
}

// someHalves is how many numbers are rounded at once, and at least a row.
const someHalves = 1 << 13

// mulHalves is MulCols of panels of halves. It goes by as many rows as are rounded at once: how
// rows are cut changes no bit. Their room is all that it allocates.
func (p *Panels) mulHalves(c, a Matrix, lo, hi int, e Epilogue) {
	step := min(a.Rows, max(1, someHalves/max(1, a.Cols)))
	room := make([]float32, step*a.Cols)
	q := *p
	q.format = Float16
	for i, m := 0, 0; i < c.Rows; i += m {
		m = min(step, c.Rows-i)
		left := Of(room[:m*a.Cols], m, a.Cols)
		for r := range m {
			to := left.Row(r)
			for k, x := range a.Row(i + r) {
				to[k] = RoundHalf(x)
			}
		}
		part := e
		for _, x := range []*Matrix{&part.Onto, &part.LowIn, &part.Times} {
			if x.Data != nil {
				*x = x.RowRange(i, i+m)
			}
		}
		q.mulWidened(c.RowRange(i, i+m), left, lo, hi, part)
	}
}
