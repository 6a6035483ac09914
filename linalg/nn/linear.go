package nn

import (
	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/rng"
)

// linear is y = x·Wᵀ + Σ Scale·(drop(x)·Aᵀ)·Bᵀ over rows lo…hi−1. With add the result is
// added to y. The dense product B·A is never formed.
func (r *Runner) linear(l int, k kind, y, x []float32, lo, hi int, add bool) {
	out, in := r.model.config.sides(k)
	to, from := window(y, out, lo, hi), window(x, in, lo, hi)
	kernel.NT(to, from, kernel.Of(r.model.weights.module(l, k), out, in), add)
	branches := r.on(l, k)
	for i := range branches {
		b := &branches[i]
		src := from
		if r.dropping && b.Dropout > 0 {
			src = window(b.dropped, in, lo, hi)
		}
		z := window(b.z, b.Rank, lo, hi)
		kernel.NT(z, src, kernel.Of(b.A, b.Rank, in), false)
		kernel.Scale(z.Data, b.Scale)
		kernel.NT(to, z, kernel.Of(b.B, out, b.Rank), true)
	}
}

// drop draws the dropout masks of a module's branches and applies them to its input:
// branch by branch, row by row, one draw a number. The masks are kept for the way back.
func (r *Runner) drop(l int, k kind, x []float32, s *rng.Stream) {
	branches := r.on(l, k)
	for i := range branches {
		b := &branches[i]
		if b.Dropout == 0 {
			continue
		}
		stay := float32(1 / (1 - b.Dropout))
		n := r.rows * b.in
		for j := range b.keep[:n] {
			b.keep[j] = 0
			if s.Float64() >= b.Dropout {
				b.keep[j] = stay
			}
			b.dropped[j] = x[j] * b.keep[j]
		}
	}
}

// linearBack takes dy, the gradient of a module's output, to the gradients of its trained
// parts and, if dx is not nil, of its input: replaced, or with add added to dx.
func (r *Runner) linearBack(l int, k kind, dx, dy, x []float32, add bool) {
	out, in := r.model.config.sides(k)
	n := r.rows
	g, from := window(dy, out, 0, n), window(x, in, 0, n)
	if r.grads != nil && r.grads.module(l, k) != nil {
		kernel.TN(kernel.Of(r.grads.module(l, k), out, in), g, from, true)
	}
	if dx != nil {
		kernel.NN(window(dx, in, 0, n), g, kernel.Of(r.model.weights.module(l, k), out, in), add)
	}
	branches := r.on(l, k)
	for i := range branches {
		r.branchBack(&branches[i], dx, g, from)
	}
}

// branchBack is one branch's share of linearBack; z holds Scale·A·x.
func (r *Runner) branchBack(b *attached, dx []float32, dy, x kernel.Matrix) {
	n := r.rows
	if b.GradB != nil {
		kernel.TN(kernel.Of(b.GradB, b.out, b.Rank), dy, window(b.z, b.Rank, 0, n), true)
	}
	if b.GradA == nil && dx == nil {
		return
	}
	dropping := r.dropping && b.Dropout > 0
	dz := window(r.back.dz, b.Rank, 0, n)
	kernel.NN(dz, dy, kernel.Of(b.B, b.out, b.Rank), false)
	kernel.Scale(dz.Data, b.Scale)
	if b.GradA != nil {
		src := x
		if dropping {
			src = window(b.dropped, b.in, 0, n)
		}
		kernel.TN(kernel.Of(b.GradA, b.Rank, b.in), dz, src, true)
	}
	if dx == nil {
		return
	}
	to, a := window(dx, b.in, 0, n), kernel.Of(b.A, b.Rank, b.in)
	if !dropping {
		kernel.NN(to, dz, a, true)
		return
	}
	wide := window(r.back.wide, b.in, 0, n)
	kernel.NN(wide, dz, a, false)
	for j, g := range wide.Data {
		to.Data[j] += float32(g * b.keep[j])
	}
}
