package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// block runs all rows through block l:
//
//	x2 = x + O·attention(Q·h1, K·h1, V·h1),  h1 = norm(x)
//	x' = x2 + Down·act(Up·h2),               h2 = norm(x2)
//
// or, with the norms behind (BERT), x2 = norm(x + …), x' = norm(x2 + …), h1 = x, h2 = x2.
func (r *Runner) block(l int, b *Batch) {
	c, p, s := &r.model.config, &r.model.parts.blocks[l], &r.blocks[l]
	for _, m := range []*linear{p.qkv, p.o, p.up, p.down} {
		r.mask(m, b, r.rows)
	}
	var x, h, qkv kernel.Matrix
	setWindow(&x, s.x, c.Width, 0, r.rows)
	setWindow(&qkv, s.qkv, c.wide()+2*c.narrow(), 0, r.rows)
	in := &x
	if !c.Post {
		in = &h
		setWindow(in, s.h1, c.Width, 0, r.rows)
		r.norm(p.norm1, in, &x, s.stat1.rows(0, r.rows))
	}
	r.through(p.qkv, &qkv, in, nil, 0)
	r.place(p, s)
	switch {
	case r.cache != nil:
		r.attendCache(l, p, s)
	case r.model.distances != nil:
		r.attendApart(p.qkv, s)
	default:
		r.attendAll(p, s)
	}
	most := tallest
	if len(r.routers) > 0 {
		most = tallestRouted
	}
	for lo, hi, tall := 0, 0, c.tall(r.rows, most); lo < r.rows; lo = hi {
		hi = r.shareEnd(lo, tall)
		r.rest(l, lo, hi)
	}
}

// place norms and rotates queries and keys.
func (r *Runner) place(p *block, s *saved) {
	c := &r.model.config
	qk := window(s.qkv, c.wide()+2*c.narrow(), 0, r.rows).ColRange(0, c.wide()+c.narrow())
	if p.qnorm != nil {
		before := window(s.qk, qk.Cols, 0, r.rows)
		for i := range qk.Rows {
			copy(before.Row(i), qk.Row(i))
		}
		q, k := s.headStats(c, r.rows)
		r.normHeads(p.qnorm, qk.ColRange(0, c.wide()), before.ColRange(0, c.wide()), q)
		r.normHeads(p.knorm, qk.ColRange(c.wide(), qk.Cols), before.ColRange(c.wide(), qk.Cols), k)
	}
	r.rotate(qk, false)
}

// headStats are the statistics of query heads, and behind them those of key heads.
func (s *saved) headStats(c *Config, rows int) (q, k stats) {
	n := rows * c.Heads
	return s.qkStat.rows(0, n), s.qkStat.rows(n, n+rows*c.KVHeads)
}

// rotate turns all heads of the rows by their positions, or back.
func (r *Runner) rotate(rows kernel.Matrix, back bool) {
	if r.turns.angles == nil {
		return
	}
	for lo, hi := 0, 0; lo < rows.Rows; lo = hi {
		hi = r.stretchEnd(lo, rows.Rows)
		cos, sin := r.turns.from(r.position[lo])
		kernel.Rotate(rows.RowRange(lo, hi), r.model.config.HeadDim, cos, sin, back)
	}
}

// stretchEnd is where the stretch of rows that begins at lo ends, among the first so many: those
// whose places follow upon one another.
func (r *Runner) stretchEnd(lo, rows int) int {
	hi := lo + 1
	for hi < rows && r.position[hi] == r.position[hi-1]+1 {
		hi++
	}
	return hi
}

// rest takes rows lo…hi−1 from attention's output through the MLP, while they are in cache.
func (r *Runner) rest(l, lo, hi int) {
	c, p, s := &r.model.config, &r.model.parts.blocks[l], &r.blocks[l]
	var x, o, x2, h2, next, u, act kernel.Matrix
	setWindow(&x, s.x, c.Width, lo, hi)
	setWindow(&o, s.o, c.wide(), lo, hi)
	setWindow(&x2, s.x2, c.Width, lo, hi)
	setWindow(&next, r.stream(l+1), c.Width, lo, hi)
	setWindow(&u, s.u, c.inner(), lo, hi)
	if c.Post {
		sum := window(s.sum1, c.Width, lo, hi)
		r.through(p.o, &sum, &o, &x, lo)
		r.norm(p.norm1, &x2, &sum, s.stat1.rows(lo, hi))
		h2 = x2
	} else {
		r.through(p.o, &x2, &o, &x, lo)
		h2.SetOf(r.hot.h2, hi-lo, c.Width)
		r.norm(p.norm2, &h2, &x2, s.stat2.rows(lo, hi))
	}
	setApart(&act, r.hot.act, hi-lo, c.Inner)
	r.through(p.up, &u, &h2, nil, lo)
	switch {
	case r.keepsSlope(p):
		kernel.GELUTanhSlope(act, u)
	case r.forks(p):
		kernel.SwiGLUFork(act, s.slopes(c, lo, hi), u.ColRange(0, c.Inner), u.ColRange(c.Inner, 2*c.Inner))
	default:
		r.activate(act, u)
	}
	if !c.Post {
		r.through(p.down, &next, &act, &x2, lo)
		return
	}
	sum := window(s.sum2, c.Width, lo, hi)
	r.through(p.down, &sum, &act, &x2, lo)
	r.norm(p.norm2, &next, &sum, s.stat2.rows(lo, hi))
}

// keepsSlope says whether the way back will want of u only the slope of the activation
// there, which then takes its place. Only while learning is what will be wanted settled.
func (r *Runner) keepsSlope(p *block) bool {
	c := &r.model.config
	return !c.Gated && c.Act == kernel.GELUTanh && r.goesThrough(p.down)
}

// forks says whether the way back through a gate is part of the product before it: it then
// wants of the gate silu, which takes its place, and the slope there.
func (r *Runner) forks(p *block) bool {
	c := &r.model.config
	return c.Gated && c.Act == kernel.SiLU && r.goesThrough(p.down)
}

// goesThrough says whether gradients go through a map by its product alone, which what comes
// before it can then be a part of.
func (r *Runner) goesThrough(m *linear) bool {
	return r.learning && !r.wants(m) && !r.drops(m)
}

// activate is what stands between the halves of the MLP.
func (r *Runner) activate(act, u kernel.Matrix) {
	c := &r.model.config
	if c.Gated {
		c.Act.Gate(act, u.ColRange(0, c.Inner), u.ColRange(c.Inner, 2*c.Inner))
	} else {
		c.Act.Apply(act, u)
	}
}
