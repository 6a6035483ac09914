package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// blockBack takes dx, the gradient of block l's output, to that of its input, in place,
// and adds to the gradients of what is trained in it. Below the lowest trained part nobody
// asks for a gradient, and the rest is left out.
func (r *Runner) blockBack(l int) {
	c, p, s, g := &r.model.config, &r.model.parts.blocks[l], &r.blocks[l], &r.back
	for lo, hi, tall := 0, 0, c.tall(r.rows, tallest); lo < r.rows; lo = hi {
		hi = r.shareEnd(lo, tall)
		r.restBack(l, lo, hi)
	}
	if r.lowest > depth(l, stageQKV) {
		return
	}
	if r.model.distances != nil {
		r.attendApartBack(l, s)
	} else {
		r.attendBack(p, s)
	}
	all := c.wide() + 2*c.narrow()
	var dqkv, dx, dh, x, h1 kernel.Matrix
	setWindow(&dqkv, g.dqkv, all, 0, r.rows)
	r.placeBack(p, s, dqkv.ColRange(0, c.wide()+c.narrow()))

	setWindow(&dx, g.dx, c.Width, 0, r.rows)
	setWindow(&dh, g.dh, c.Width, 0, r.rows)
	setWindow(&x, s.x, c.Width, 0, r.rows)
	if !c.Post {
		setWindow(&h1, s.h1, c.Width, 0, r.rows)
	}
	below := r.lowest < depth(l, stageQKV)
	switch {
	case c.Post:
		// dx holds the gradient of x + attention, which is also that of x
		to := &dx
		if !below {
			to = nil
		}
		r.throughBack(p.qkv, to, &dqkv, &x, to, 0)
	case below:
		r.throughBack(p.qkv, &dh, &dqkv, &h1, nil, 0)
		r.normBack(p.norm1, &dx, &dh, &x, s.stat1.rows(0, r.rows))
	default:
		r.throughBack(p.qkv, nil, &dqkv, &h1, nil, 0)
	}
}

// placeBack takes the gradient of queries and keys back through rotation and norms.
func (r *Runner) placeBack(p *block, s *saved, d kernel.Matrix) {
	c := &r.model.config
	r.rotate(d, true)
	if p.qnorm == nil {
		return
	}
	before := window(s.qk, d.Cols, 0, r.rows)
	q, k := s.headStats(c, r.rows)
	r.normHeadsBack(p.qnorm, d.ColRange(0, c.wide()), before.ColRange(0, c.wide()), q, r.back.head)
	r.normHeadsBack(p.knorm, d.ColRange(c.wide(), d.Cols), before.ColRange(c.wide(), d.Cols), k, r.back.head)
}

// restBack takes dx of rows lo…hi−1 back through the MLP, and leaves in do the gradient of
// attention's output.
func (r *Runner) restBack(l, lo, hi int) {
	c, p, s, g, n := &r.model.config, &r.model.parts.blocks[l], &r.blocks[l], &r.back, hi-lo
	var dx, dh, x2, u, o, act, do kernel.Matrix
	setWindow(&dx, g.dx, c.Width, lo, hi)
	setWindow(&dh, g.dh, c.Width, lo, hi)
	setWindow(&x2, s.x2, c.Width, lo, hi)
	setWindow(&u, s.u, c.inner(), lo, hi)
	if c.Post {
		r.normSwap(p.norm2, &dx, &dh, ref(window(s.sum2, c.Width, lo, hi)), s.stat2.rows(lo, hi))
	}
	setApart(&act, r.hot.act, n, c.Inner)
	if r.wants(p.down) {
		r.activate(act, u)
	}
	if r.lowest >= depth(l, stageDown) {
		r.throughBack(p.down, nil, &dx, &act, nil, lo)
		return
	}
	r.backThroughMLP(p, s, &dx, &dh, &x2, &u, &act, lo)
	if r.lowest >= depth(l, stageUp) {
		return
	}
	if c.Post {
		r.normSwap(p.norm1, &dx, &dh, ref(window(s.sum1, c.Width, lo, hi)), s.stat1.rows(lo, hi))
	}
	setWindow(&o, s.o, c.wide(), lo, hi)
	to := &do
	setWindow(to, g.do, c.wide(), lo, hi)
	if r.lowest >= depth(l, stageOut) {
		to = nil
	}
	r.throughBack(p.o, to, &dx, &o, nil, lo)
}

// backThroughMLP adds to dx the gradient through both halves and, where it stands before
// them, their norm. act holds the activation where the gradient of down wants it.
func (r *Runner) backThroughMLP(p *block, s *saved, dx, dh, x2, u, act *kernel.Matrix, at int) {
	c, n := &r.model.config, dx.Rows
	var du, h2 kernel.Matrix
	var e kernel.Epilogue
	setApart(&du, r.hot.du, n, c.inner())
	switch {
	case r.keepsSlope(p):
		e.Times.SetCols(u, 0, u.Cols)
		r.throughBackTo(p.down, &du, dx, act, nil, &e, at)
	case r.forks(p):
		e.Fork.SetCols(u, 0, u.Cols)
		setApart(&e.Times, s.slope[at*stride(c.Inner):], n, c.Inner)
		r.throughBackTo(p.down, &du, dx, act, nil, &e, at)
	default:
		dact := kernel.Of(r.hot.dact, n, c.Inner)
		r.throughBack(p.down, &dact, dx, act, nil, at)
		if c.Gated {
			c.Act.GateBack(du.ColRange(0, c.Inner), du.ColRange(c.Inner, 2*c.Inner), dact, u.ColRange(0, c.Inner), u.ColRange(c.Inner, 2*c.Inner))
		} else {
			c.Act.Back(du, dact, *u)
		}
	}
	if c.Post {
		r.throughBack(p.up, dx, &du, x2, dx, at)
		return
	}
	h2.SetOf(r.hot.h2, n, c.Width)
	stat := s.stat2.rows(at, at+n)
	if r.wants(p.up) {
		r.norm(p.norm2, &h2, x2, stat)
	}
	r.throughBack(p.up, dh, &du, &h2, nil, at)
	r.normBack(p.norm2, dx, dh, x2, stat)
}

// normSwap replaces dx by the gradient of the input of a norm that stands behind a sum.
func (r *Runner) normSwap(n *norm, dx, dh, x *kernel.Matrix, s stats) {
	for i := range dx.Rows {
		copy(dh.Row(i), dx.Row(i))
	}
	dx.Zero()
	r.normBack(n, dx, dh, x, s)
}
