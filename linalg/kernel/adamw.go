package kernel

import "math"

// AdamW is one update's numbers, the same for every parameter (Loshchilov and Hutter
// 2019, as PyTorch computes it).
type AdamW struct {
	Beta1, Beta2 float64
	Eps          float64 // added after the root, which is bias-corrected first
	Shrink       float64 // 1 − rate·decay: parameters are multiplied by it before the step
	Step         float64 // rate / (1 − β₁ᵗ)
	Root         float64 // √(1 − β₂ᵗ)
}

// Update moves p by its gradient g and the moments m and v, in place:
//
//	p ← p·Shrink;  m ← m + (1−β₁)(g − m);  v ← β₂v + (1−β₂)g²;  p ← p − Step·m/(√v/Root + Eps)
func (o AdamW) Update(p, g, m, v []float32) {
	n := len(p)
	g, m, v = g[:n], m[:n], v[:n]
	shrink, step, root, eps := float32(o.Shrink), float32(o.Step), float32(o.Root), float32(o.Eps)
	lean, keep, fresh := float32(1-o.Beta1), float32(o.Beta2), float32(1-o.Beta2)
	if assembled {
		for lo := 0; lo < n; lo += long {
			hi := min(lo+long, n)
			args := rowArgs{n: hi - lo}
			args.p[0], args.p[1], args.p[2], args.p[3] = at(p[lo:hi]), at(g[lo:hi]), at(m[lo:hi]), at(v[lo:hi])
			args.f = [8]float32{shrink, step, 1 / root, eps, lean, keep, fresh}
			runRow(opAdamW, &args)
		}
		return
	}
	for i, x := range p {
		d := g[i]
		mi := m[i] + float32(lean*(d-m[i]))
		vi := float32(v[i]*keep) + float32(float32(fresh*d)*d)
		m[i], v[i] = mi, vi
		down := float32(math.Sqrt(float64(vi)))/root + eps
		p[i] = float32(x*shrink) - float32(step*(mi/down))
	}
}
