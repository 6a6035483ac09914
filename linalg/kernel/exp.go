package kernel

import "math"

// Exp is eˣ in float32, at most 2 units in the last place off. It is 0 below −87.33,
// where the result would be subnormal, and +Inf above 88.72.
//
// x = n·ln 2 + r with |r| ≤ ln 2 / 2; ln 2 is split in two so that the subtraction loses
// nothing; eʳ is the polynomial of Cephes' expf (S. Moshier, 1989).
func Exp(x float32) float32 {
	const (
		log2e = 1.44269504088896341
		ln2hi = 0.693359375
		ln2lo = -2.12194440e-4
		magic = 3 << 22 // adding and subtracting it rounds to the nearest whole number
	)
	if !(x >= -87.33) {
		if x != x {
			return x
		}
		return 0
	}
	if x > 88.72 {
		return float32(math.Inf(1))
	}
	shifted := float32(x*log2e) + magic
	n := shifted - magic
	r := x - float32(n*ln2hi)
	r -= float32(n * ln2lo)
	y := float32(1.9875691500e-4*r) + 1.3981999507e-3
	y = float32(y*r) + 8.3334519073e-3
	y = float32(y*r) + 4.1665795894e-2
	y = float32(y*r) + 1.6666665459e-1
	y = float32(y*r) + 5.0000001201e-1
	y = float32(float32(y*r)*r) + r
	y += 1
	// 2ⁿ in two halves: n reaches 128, and 2¹²⁸ is no float32.
	k := int32(n)
	h := k >> 1
	return y * math.Float32frombits(uint32(h+127)<<23) * math.Float32frombits(uint32(k-h+127)<<23)
}

// Sigmoid is 1/(1+e⁻ˣ).
func Sigmoid(x float32) float32 { return 1 / (1 + Exp(-x)) }

// Log is the natural logarithm in float64, at most 1 unit in the last place off, by the
// algorithm of FreeBSD's e_log.c with every product rounded, so that all processors
// agree. x must be positive, finite and normal; sums of exponentials are.
func Log(x float64) float64 {
	const (
		ln2hi = 6.93147180369123816490e-01
		ln2lo = 1.90821492927058770002e-10
		l1    = 6.666666666666735130e-01
		l2    = 3.999999999940941908e-01
		l3    = 2.857142874366239149e-01
		l4    = 2.222219843214978396e-01
		l5    = 1.818357216161805012e-01
		l6    = 1.531383769920937332e-01
		l7    = 1.479819860511658591e-01
		least = 0x3fe6a09e667f3bcd // the bits of √2/2
		high  = 0xfff << 52        // those of sign and exponent
	)
	if !(x <= math.MaxFloat64) {
		return math.NaN()
	}
	// x = 2ᵏ·(1+f) with √2/2 ≤ 1+f < √2. Which of two powers it is cannot be foreseen, so
	// there is no branch.
	bits := math.Float64bits(x)
	above := bits - least
	f, k := math.Float64frombits(bits-above&high)-1, float64(int64(above)>>52)
	s := f / (2 + f)
	s2 := s * s
	s4 := s2 * s2
	t1 := float64(s2 * (l1 + float64(s4*(l3+float64(s4*(l5+float64(s4*l7)))))))
	t2 := float64(s4 * (l2 + float64(s4*(l4+float64(s4*l6)))))
	r := t1 + t2
	half := float64(float64(0.5*f) * f)
	return float64(k*ln2hi) - ((half - (float64(s*(half+r)) + float64(k*ln2lo))) - f)
}
