package lora

import "slices"

// Plain is the same change as one pair of factors on the base as it was: a pair whose start
// moved the base at the sum of both ranks, [B | −B0] and [A; A0], and a dense one as D·I or
// I·D at full rank.
func (p Pair) Plain() Pair {
	switch {
	case p.Dense() && p.In <= p.Out: // D = D·I
		p.Rank, p.A, p.B = p.In, identity(p.In), p.D
	case p.Dense(): // D = I·D
		p.Rank, p.A, p.B = p.Out, p.D, identity(p.Out)
	case p.Started():
		r, r0 := p.Rank, p.StartRank()
		b := make([]float32, 0, len(p.B)+len(p.B0))
		for i := range p.Out {
			b = append(b, p.B[i*r:(i+1)*r]...)
			for _, x := range p.B0[i*r0 : (i+1)*r0] {
				b = append(b, -x)
			}
		}
		p.Rank, p.A, p.B = r+r0, slices.Concat(p.A, p.A0), b
	}
	p.A0, p.B0, p.D = nil, nil, nil
	return p
}

func identity(n int) []float32 {
	m := make([]float32, n*n)
	for i := range n {
		m[i*n+i] = 1
	}
	return m
}
