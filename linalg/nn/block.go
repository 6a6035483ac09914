package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// block runs rows lo…hi−1 of one or more whole sequences, or the last rows of the only
// sequence, through block l:
//
//	x2 = x + O·attention(rotate(Q·h1), rotate(K·h1), V·h1),  h1 = norm(x)
//	x' = x2 + Down·(silu(Gate·h2)∘Up·h2),                    h2 = norm(x2)
func (r *Runner) block(l, lo, hi int, b *Batch) {
	c, w, s := r.model.config, r.model.weights, &r.blocks[l]
	r.norm(s.h1, s.x, s.inv1, w.norm1(l), lo, hi)
	for _, m := range []struct {
		k kind
		y []float32
	}{{kindQ, s.q}, {kindK, s.k}, {kindV, s.v}} {
		r.through(l, m.k, m.y, s.h1, lo, hi, false, b)
	}
	r.rotate(s.q, c.Heads*c.HeadDim, lo, hi, false)
	r.rotate(s.k, c.KVHeads*c.HeadDim, lo, hi, false)
	for _, q := range r.seqs {
		if from, to := max(lo, q.lo), min(hi, q.hi); from < to {
			r.attendRows(s, q.lo, from, to)
		}
	}
	copy(s.x2[lo*c.Width:hi*c.Width], s.x[lo*c.Width:hi*c.Width])
	r.through(l, kindO, s.x2, s.o, lo, hi, true, b)

	r.norm(s.h2, s.x2, s.inv2, w.norm2(l), lo, hi)
	r.through(l, kindGate, s.gate, s.h2, lo, hi, false, b)
	r.through(l, kindUp, s.up, s.h2, lo, hi, false, b)
	kernel.SwiGLU(s.act[lo*c.Inner:hi*c.Inner], s.gate[lo*c.Inner:hi*c.Inner], s.up[lo*c.Inner:hi*c.Inner])
	next := r.stream(l + 1)
	copy(next[lo*c.Width:hi*c.Width], s.x2[lo*c.Width:hi*c.Width])
	r.through(l, kindDown, next, s.act, lo, hi, true, b)
}

// through is linear with dropout drawn first, where there is any.
func (r *Runner) through(l int, k kind, y, x []float32, lo, hi int, add bool, b *Batch) {
	if r.dropping {
		r.drop(l, k, x, b.Dropout)
	}
	r.linear(l, k, y, x, lo, hi, add)
}

// blockBack takes dx, the gradient of block l's output, to that of its input, in place,
// and adds to the gradients of what is trained in it. Below the lowest trained block
// nobody asks for the input's gradient, and it is left out.
func (r *Runner) blockBack(l int) {
	c, s, b, n := r.model.config, &r.blocks[l], &r.back, r.rows
	wide, narrow := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim

	r.linearBack(l, kindDown, b.dact, b.dx, s.act, false)
	kernel.SwiGLUBack(b.dgate[:n*c.Inner], b.dup[:n*c.Inner], b.dact[:n*c.Inner], s.gate[:n*c.Inner], s.up[:n*c.Inner])
	r.linearBack(l, kindGate, b.dh, b.dgate, s.h2, false)
	r.linearBack(l, kindUp, b.dh, b.dup, s.h2, true)
	r.normBack(b.dx, b.dh, s.x2, s.inv2, 1+l*perBlock+int(kinds)+1)

	r.linearBack(l, kindO, b.do, b.dx, s.o, false)
	r.attendBack(s)
	r.rotate(b.dq, wide, 0, n, true)
	r.rotate(b.dk, narrow, 0, n, true)
	norm := 1 + l*perBlock + int(kinds)
	down := b.dh
	if l <= r.lowest && (r.grads == nil || r.grads[norm] == nil) {
		down = nil
	}
	r.linearBack(l, kindQ, down, b.dq, s.h1, false)
	r.linearBack(l, kindK, down, b.dk, s.h1, true)
	r.linearBack(l, kindV, down, b.dv, s.h1, true)
	if down != nil {
		r.normBack(b.dx, down, s.x, s.inv1, norm)
	}
}

// norm is RMSNorm over rows lo…hi−1.
func (r *Runner) norm(y, x, inv, gain []float32, lo, hi int) {
	w, eps := r.model.config.Width, r.model.config.Eps
	for t := lo; t < hi; t++ {
		inv[t] = kernel.RMSNorm(y[t*w:(t+1)*w], x[t*w:(t+1)*w], gain, eps)
	}
}

// normBack adds to dx the gradient through a norm whose gain is tensor i of the layout.
func (r *Runner) normBack(dx, dy, x, inv []float32, i int) {
	w := r.model.config.Width
	var dgain []float32
	if r.grads != nil {
		dgain = r.grads[i]
	}
	for t := range r.rows {
		kernel.RMSNormBack(dx[t*w:(t+1)*w], dgain, dy[t*w:(t+1)*w], x[t*w:(t+1)*w], r.model.weights[i], inv[t])
	}
}

// rotate turns rows lo…hi−1 by their positions, or back.
func (r *Runner) rotate(rows []float32, width, lo, hi int, back bool) {
	for t := lo; t < hi; t++ {
		cos, sin := r.turns.at(r.position[t])
		kernel.Rotate(rows[t*width:(t+1)*width], r.model.config.HeadDim, cos, sin, back)
	}
}
