//go:build amd64 && !purego

package kernel

import "unsafe"

// PeakLoop runs rounds of independent fused multiply-adds in registers and gives the
// number of floating-point operations in them, 0 on the portable road. Divided by the
// time that it took they are the processor's peak, which shares of peak refer to.
func PeakLoop(rounds int) (flops float64) {
	n := int64(rounds)
	switch {
	case rounds <= 0 || fast == nil:
		return 0
	case fast.wide:
		peak512((*byte)(unsafe.Pointer(&n)))
		return float64(rounds) * 24 * 16 * 2
	}
	peak256((*byte)(unsafe.Pointer(&n)))
	return float64(rounds) * 12 * 8 * 2
}

// PeakLoopRounded is [PeakLoop] of dot products of pairs of bfloat16 where the processor has
// them, and PeakLoop elsewhere.
func PeakLoopRounded(rounds int) (flops float64) {
	if rounds <= 0 || fastPairs != &pairs512 {
		return PeakLoop(rounds)
	}
	n := int64(rounds)
	peak512p((*byte)(unsafe.Pointer(&n)))
	return float64(rounds) * 24 * 16 * 4
}
