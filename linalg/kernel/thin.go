package kernel

import "fmt"

// Thin products have few columns, as x·Aᵀ of a LoRA branch has rank of them. A vector
// along a row of the result would be mostly empty, so the lanes run along the shared side
// instead: sixteen sums, the i-th over the places i, i+16, …, then added up as a tree:
// i with i+8, with i+4, with i+2, with i+1. That is also how every reduction of a row in
// this package is summed.

// ThinNT is z = scale·(x·aᵀ): x is m×k, a is n×k. It is right for any n and fast up to
// some 16; beyond, [NT] is.
func ThinNT(z, x, a Matrix, scale float32) {
	if x.Cols != a.Cols || z.Rows != x.Rows || z.Cols != a.Rows {
		panic(fmt.Sprintf("kernel: %v = %v · (%v)ᵀ", z, x, a))
	}
	if fastThin(z, x, a, scale) {
		return
	}
	for i := range z.Rows {
		for j := range z.Cols {
			z.Data[i*z.Stride+j] = lanes(x.Row(i), a.Row(j)) * scale
		}
	}
}

// sums are the sixteen virtual lanes of a reduction.
type sums [16]float32

// tree adds the lanes up.
func (s *sums) tree() float32 {
	for h := 8; h > 0; h /= 2 {
		for i := range h {
			s[i] += s[i+h]
		}
	}
	return s[0]
}

// lanes is the dot product of two rows.
func lanes(x, y []float32) float32 {
	y = y[:len(x)]
	var s sums
	for i, v := range x {
		s[i%16] += float32(v * y[i])
	}
	return s.tree()
}
