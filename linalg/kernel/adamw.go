package kernel

import "math"

// AdamW is one update's numbers, the same for every parameter (Loshchilov and Hutter
// 2019, as PyTorch computes it). [AdamW.Pace] comes before the first [AdamW.Update].
type AdamW struct {
	args rowArgs // f: shrink, step, 1/root, eps, 1−β₁, β₂, 1−β₂
	root float32
}

// NewAdamW takes the two betas, what is added after the root, which is bias-corrected first,
// and √(1 − β₂ᵗ), by which it is.
func NewAdamW(beta1, beta2, eps, root float64) AdamW {
	o := AdamW{root: float32(root)}
	o.args.f[2], o.args.f[3] = 1/o.root, float32(eps)
	o.args.f[4], o.args.f[5], o.args.f[6] = float32(1-beta1), float32(beta2), float32(1-beta2)
	return o
}

// Pace sets how far the next parameters move: shrink is 1 − rate·decay, by which they are
// multiplied before the step, and step is rate/(1 − β₁ᵗ).
func (o *AdamW) Pace(shrink, step float64) {
	o.args.f[0], o.args.f[1] = float32(shrink), float32(step)
}

// Update moves p by its gradient g and the moments m and v, in place:
//
//	p ← p·shrink;  m ← m + (1−β₁)(g − m);  v ← β₂v + (1−β₂)g²;  p ← p − step·m/(√v/root + eps)
func (o *AdamW) Update(p, g, m, v []float32) {
	n := len(p)
	g, m, v = g[:n], m[:n], v[:n]
	if assembled {
		for lo := 0; lo < n; lo += long {
			hi := min(lo+long, n)
			o.args.n = hi - lo
			o.args.p[0], o.args.p[1], o.args.p[2], o.args.p[3] = at(p[lo:hi]), at(g[lo:hi]), at(m[lo:hi]), at(v[lo:hi])
			runRow(opAdamW, &o.args)
		}
		return
	}
	shrink, step, eps, lean, keep, fresh := o.args.f[0], o.args.f[1], o.args.f[3], o.args.f[4], o.args.f[5], o.args.f[6]
	for i, x := range p {
		d := g[i]
		mi := m[i] + float32(lean*(d-m[i]))
		vi := float32(v[i]*keep) + float32(float32(fresh*d)*d)
		m[i], v[i] = mi, vi
		down := float32(math.Sqrt(float64(vi)))/o.root + eps
		p[i] = float32(x*shrink) - float32(step*(mi/down))
	}
}
