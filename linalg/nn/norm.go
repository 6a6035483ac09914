package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// stats is what a norm keeps of each row for the way back.
type stats struct {
	mean, inv []float32 // mean of LayerNorm only; one over the root
}

func (s stats) rows(lo, hi int) stats {
	if s.mean != nil {
		s.mean = s.mean[lo:hi]
	}
	return stats{s.mean, s.inv[lo:hi]}
}

// norm norms rows. y may be x.
func (r *Runner) norm(n *norm, y, x *kernel.Matrix, s stats) {
	c, gain := &r.model.config, r.model.gain[n.gain]
	if c.Norm == LayerNorm {
		kernel.LayerNorm(y, x, gain, r.model.data[n.bias], c.Eps, s.mean, s.inv)
		return
	}
	kernel.RMSNorm(y, x, gain, c.Eps, s.inv)
}

// normBack adds the gradient of a norm's input to dx, and those of gain and bias where
// they are trained.
func (r *Runner) normBack(n *norm, dx, dy, x *kernel.Matrix, s stats) {
	gain := r.model.gain[n.gain]
	dgain, dbias := r.base.vector(n.gain), r.base.vector(n.bias)
	if r.model.config.Norm == LayerNorm {
		kernel.LayerNormBack(dx, dy, x, gain, s.mean, s.inv, dgain, dbias)
		return
	}
	kernel.RMSNormBack(dx, dy, x, gain, s.inv, dgain)
}

// heads sees rows of several heads as rows of one head each, where they stand without
// gaps; a wider stride is walked row by row.
func (r *Runner) normHeads(n *norm, y, x kernel.Matrix, s stats) {
	w := n.width
	heads := x.Cols / w
	for i := range x.Rows {
		r.norm(n, ref(kernel.Of(y.Row(i), heads, w)), ref(kernel.Of(x.Row(i), heads, w)), s.rows(i*heads, (i+1)*heads))
	}
}

// normHeadsBack replaces dx, which holds the gradient of the output, by that of the input.
func (r *Runner) normHeadsBack(n *norm, dx, x kernel.Matrix, s stats, scratch []float32) {
	w := n.width
	heads := x.Cols / w
	for i := range x.Rows {
		dy := scratch[:x.Cols]
		copy(dy, dx.Row(i))
		clear(dx.Row(i))
		r.normBack(n, ref(kernel.Of(dx.Row(i), heads, w)), ref(kernel.Of(dy, heads, w)), ref(kernel.Of(x.Row(i), heads, w)), s.rows(i*heads, (i+1)*heads))
	}
}
