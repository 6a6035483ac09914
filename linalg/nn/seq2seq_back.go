package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// pairBack takes the gradient of the decoder's last stream, in dx, back through both
// stacks and into the embedding.
func (r *Runner) pairBack() {
	c, p, s := &r.model.config, r.model.pair, &r.both
	dx := window(r.back.dx, c.Width, 0, r.rows)
	grow(&s.dmemory, s.rows*c.Width)
	dmemory := window(s.dmemory, c.Width, 0, s.rows)
	dmemory.Zero()
	for i := len(p.decoder) - 1; i >= 0; i-- {
		r.stepBack(&p.decoder[i], &s.decoder[i], dx, r.rows, r.seqs, p.decoderBias)
	}
	for t, id := range r.ids[:r.rows] {
		r.base.look(r.model.embed, int(id), dx.Row(t))
	}
	dx = window(r.back.dx, c.Width, 0, s.rows)
	dx.Zero()
	r.normBack(p.encoderFinal, &dx, &dmemory, ref(window(s.end, c.Width, 0, s.rows)), s.stat)
	for i := len(p.encoder) - 1; i >= 0; i-- {
		r.stepBack(&p.encoder[i], &s.encoder[i], dx, s.rows, s.seqs, p.encoderBias)
	}
	for t, id := range s.ids {
		r.base.look(r.model.embed, int(id), dx.Row(t))
	}
}

// stepBack takes dx, the gradient of a step's output, to that of its input, in place.
func (r *Runner) stepBack(m *step, s *stepped, dx kernel.Matrix, rows int, seqs []span, bias *table) {
	c, g := &r.model.config, &r.back
	h, dh := window(s.h, c.Width, 0, rows), window(g.dh, c.Width, 0, rows)
	if m.up != nil {
		r.innerBack(m, s, dh, dx, h)
	} else {
		do, o := window(g.do, c.wide(), 0, rows), window(s.o, c.wide(), 0, rows)
		r.throughBack(m.o, &do, &dx, &o, nil, 0)
		if m.kv != nil {
			r.crossBack(m, s, dh, do, h, seqs)
		} else {
			dqkv := window(g.dqkv, 3*c.wide(), 0, rows)
			dqkv.Zero()
			r.headsBack(m, s, seqs, bias, do, dqkv, dqkv.ColRange(c.wide(), 3*c.wide()))
			r.throughBack(m.qkv, &dh, &dqkv, &h, nil, 0)
		}
	}
	r.normBack(m.norm, &dx, &dh, ref(window(s.x, c.Width, 0, rows)), s.stat)
}

// innerBack is stepBack for the MLP, as far as the norm.
func (r *Runner) innerBack(m *step, s *stepped, dh, dx, h kernel.Matrix) {
	c, b, rows := &r.model.config, &r.both, dx.Rows
	grow(&b.act, rows*c.Inner)
	grow(&b.dact, rows*c.Inner)
	grow(&b.du, rows*c.inner())
	u, act := window(s.u, c.inner(), 0, rows), window(b.act, c.Inner, 0, rows)
	du, dact := window(b.du, c.inner(), 0, rows), window(b.dact, c.Inner, 0, rows)
	if r.wants(m.down) {
		r.activate(act, u)
	}
	r.throughBack(m.down, &dact, &dx, &act, nil, 0)
	if c.Gated {
		c.Act.GateBack(du.ColRange(0, c.Inner), du.ColRange(c.Inner, 2*c.Inner), dact, u.ColRange(0, c.Inner), u.ColRange(c.Inner, 2*c.Inner))
	} else {
		c.Act.Back(du, dact, u)
	}
	r.throughBack(m.up, &dh, &du, &h, nil, 0)
}

// crossBack is stepBack for attention to the source, as far as the norm; the source's
// share is added up in dmemory.
func (r *Runner) crossBack(m *step, s *stepped, dh, do, h kernel.Matrix, seqs []span) {
	c, b := &r.model.config, &r.both
	grow(&b.dkv, b.rows*2*c.wide())
	dq, dkv := window(r.back.dqkv, c.wide(), 0, do.Rows), window(b.dkv, 2*c.wide(), 0, b.rows)
	dkv.Zero()
	r.headsBack(m, s, seqs, nil, do, dq, dkv)
	dmemory, memory := window(b.dmemory, c.Width, 0, b.rows), window(b.memory, c.Width, 0, b.rows)
	r.throughBack(m.kv, &dmemory, &dkv, &memory, &dmemory, 0)
	r.throughBack(m.q, &dh, &dq, &h, nil, 0)
}

// headsBack takes do to the gradients of queries, and of keys and values side by side.
func (r *Runner) headsBack(m *step, s *stepped, seqs []span, bias *table, do, dq, dkv kernel.Matrix) {
	c, d := &r.model.config, r.model.config.HeadDim
	r.eachHead(m, s, seqs, func(a heads) {
		grow(&r.both.ds, a.p.Rows*a.p.Cols)
		col := func(x kernel.Matrix, at span, h int) kernel.Matrix {
			return x.RowRange(at.lo, at.hi).ColRange(h*d, (h+1)*d)
		}
		r.biasedBack(col(dq, a.query, a.head), col(dkv, a.key, a.head), col(dkv, a.key, c.Heads+a.head), col(do, a.query, a.head),
			a.p, kernel.Of(r.both.ds, a.p.Rows, a.p.Cols), a.q, a.k, a.v, bias, a.head, m.causal)
	})
}
