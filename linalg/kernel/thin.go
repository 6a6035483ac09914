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
	if fastThin(z, x, a.Data, uintptr(a.Stride)*4, 4*width, scale) {
		return
	}
	for i := range z.Rows {
		for j := range z.Cols {
			z.Data[i*z.Stride+j] = lanes(x.Row(i), a.Row(j)) * scale
		}
	}
}

// Thin is z = scale·(x·panelsᵀ), the product along the panels' long side: x is M×N and z
// M×K, K being small. It has the bits of [ThinNT] with the matrix that was packed.
func (p *Panels) Thin(z, x Matrix, scale float32) {
	if x.Cols != p.N || z.Rows != x.Rows || z.Cols != p.K {
		panic(fmt.Sprintf("kernel: %v = %v · (panels of %d×%d)ᵀ", z, x, p.K, p.N))
	}
	if p.format != Float32 {
		panic(fmt.Sprintf("kernel: a thin product of panels of %v; expected float32", p.format))
	}
	if fastThin(z, x, p.data, 4*width, uintptr(p.K)*4*width, scale) {
		return
	}
	for i := range z.Rows {
		for k := range z.Cols {
			z.Data[i*z.Stride+k] = p.lanesOf(x.Row(i), k) * scale
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

// lanesOf is the dot product of x with row k through all panels.
func (p *Panels) lanesOf(x []float32, k int) float32 {
	var s sums
	for i, v := range x {
		s[i%16] += float32(v * p.data[(i/width*p.K+k)*width+i%width])
	}
	return s.tree()
}
