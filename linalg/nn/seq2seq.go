package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// An encoder-decoder runs two streams of rows: the sources through the encoder, and what
// is said through the decoder, which looks at the encoder's last states. A Runner's rows,
// labels and logits are those of the decoder.

// pair is the two stacks as residual steps: x + f(norm(x)).
type pair struct {
	encoder, decoder         []step
	encoderBias, decoderBias *table
	encoderFinal             *norm
}

// step is one of three: attention within a sequence (qkv, o), attention to the source
// (q, kv, o), or the MLP (up, down).
type step struct {
	norm          *norm
	qkv, q, kv, o *linear
	up, down      *linear
	causal        bool
}

// kept of a step for the way back.
type stepped struct {
	written []float32 // keys and values of what was written, while generating
	x, h    []float32 // the stream into it, and normed
	stat    stats
	qkv     []float32 // or q alone
	kv      []float32 // of the source
	p, o    []float32
	u       []float32
}

// both is an encoder-decoder's pass.
type both struct {
	rows             int
	seqs             []span
	ids              []int32
	encoder, decoder []stepped
	end              []float32 // the encoder's stream after its last step
	memory           []float32 // normed: what the decoder looks at
	stat             stats
	act, dact, du    []float32
	dmemory, dkv     []float32
	buckets          [2][]int // by distance: the encoder's, the decoder's
	ds               []float32
}

// packPair lays out sources, and behind the start token what is to be said.
func (r *Runner) packPair(b *Batch) {
	if r.cache != nil {
		r.packWritten(b)
		return
	}
	c, s := &r.model.config, &r.both
	s.rows = 0
	s.seqs, s.ids = s.seqs[:0], s.ids[:0]
	r.rows, r.seqs, r.unseen = 0, r.seqs[:0], r.unseen[:0]
	r.ids, r.labels = r.ids[:0], r.labels[:0]
	for i, ids := range b.IDs {
		s.seqs = append(s.seqs, span{s.rows, s.rows + len(ids)})
		s.ids = append(s.ids, ids...)
		s.rows += len(ids)
		last := int32(c.Decoder.Start)
		said := b.Labels[i]
		r.seqs = append(r.seqs, span{r.rows, r.rows + len(said)})
		for _, y := range said {
			r.ids, r.labels = append(r.ids, last), append(r.labels, y)
			if last = y; y == Ignore {
				last = int32(c.Decoder.Pad)
			}
		}
		r.rows += len(said)
		r.unseen = append(r.unseen, 0)
	}
	s.measure(c.Decoder, r.seqs)
	r.dropping = b.Dropout != nil
}

// runPair takes both streams through their stacks.
func (r *Runner) runPair(b *Batch) {
	if r.cache != nil {
		r.runDecoder(b)
		return
	}
	c, p, s := &r.model.config, r.model.pair, &r.both
	resize(&s.encoder, len(p.encoder))
	grow(&s.end, s.rows*c.Width)
	grow(&s.memory, s.rows*c.Width)
	grow(&s.stat.inv, s.rows)
	r.embedRows(r.into(s.encoder, 0, s.rows, &s.end), s.ids)
	for i := range p.encoder {
		r.step(&p.encoder[i], &s.encoder[i], s.rows, s.seqs, p.encoderBias, r.into(s.encoder, i+1, s.rows, &s.end), b)
	}
	r.norm(p.encoderFinal, ref(window(s.memory, c.Width, 0, s.rows)), ref(window(s.end, c.Width, 0, s.rows)), s.stat)
	r.runDecoder(b)
}

// runDecoder takes the rows of what is said through the second stack.
func (r *Runner) runDecoder(b *Batch) {
	p, s := r.model.pair, &r.both
	resize(&s.decoder, len(p.decoder))
	r.embedRows(r.into(s.decoder, 0, r.rows, &r.tail), r.ids)
	for i := range p.decoder {
		r.step(&p.decoder[i], &s.decoder[i], r.rows, r.seqs, p.decoderBias, r.into(s.decoder, i+1, r.rows, &r.tail), b)
	}
}

// into is the stream before step i, or the end.
func (r *Runner) into(steps []stepped, i, rows int, end *[]float32) kernel.Matrix {
	to := end
	if i < len(steps) {
		to = &steps[i].x
	}
	grow(to, rows*r.model.config.Width)
	return window(*to, r.model.config.Width, 0, rows)
}

func (r *Runner) embedRows(x kernel.Matrix, ids []int32) {
	for t, id := range ids {
		r.model.look(r.model.embed, x.Row(t), int(id))
	}
}

// step is next = x + f(norm(x)).
func (r *Runner) step(m *step, s *stepped, rows int, seqs []span, bias *table, next kernel.Matrix, b *Batch) {
	c := &r.model.config
	x := window(s.x, c.Width, 0, rows)
	grow(&s.h, rows*c.Width)
	grow(&s.stat.inv, rows)
	h := window(s.h, c.Width, 0, rows)
	r.norm(m.norm, &h, &x, s.stat)
	for _, l := range []*linear{m.qkv, m.q, m.o, m.up, m.down} {
		if l != nil {
			r.mask(l, b, rows)
		}
	}
	switch {
	case m.up != nil:
		grow(&s.u, rows*c.inner())
		grow(&r.both.act, rows*c.Inner)
		u, act := window(s.u, c.inner(), 0, rows), window(r.both.act, c.Inner, 0, rows)
		r.through(m.up, &u, &h, nil, 0)
		r.activate(act, u)
		r.through(m.down, &next, &act, &x, 0)
		return
	case m.kv != nil:
		grow(&s.qkv, rows*c.wide())
		r.through(m.q, ref(window(s.qkv, c.wide(), 0, rows)), &h, nil, 0)
		if r.cache == nil { // else the source's keys and values are there
			r.mask(m.kv, b, r.both.rows)
			grow(&s.kv, r.both.rows*2*c.wide())
			r.through(m.kv, ref(window(s.kv, 2*c.wide(), 0, r.both.rows)), ref(window(r.both.memory, c.Width, 0, r.both.rows)), nil, 0)
		}
		bias = nil
	default:
		grow(&s.qkv, rows*3*c.wide())
		r.through(m.qkv, ref(window(s.qkv, 3*c.wide(), 0, rows)), &h, nil, 0)
	}
	grow(&s.o, rows*c.wide())
	if r.cache != nil {
		r.attendWritten(m, s, bias)
	} else {
		r.eachHead(m, s, seqs, func(a heads) {
			r.biased(column(s.o, c.wide(), a.query.lo, a.query.hi, a.head, c.HeadDim), a.p, a.q, a.k, a.v, bias, a.head, 0, m.causal)
		})
	}
	r.through(m.o, &next, ref(window(s.o, c.wide(), 0, rows)), &x, 0)
}

// heads is one head of one sequence of an attention step.
type heads struct {
	head       int
	query, key span
	p, q, k, v kernel.Matrix
}

// eachHead walks the heads of all sequences, with room for the probabilities of each.
func (r *Runner) eachHead(m *step, s *stepped, seqs []span, do func(heads)) {
	c, at := &r.model.config, 0
	for i, q := range seqs {
		keys, kv, width, first := q, s.qkv, 3*c.wide(), c.Heads
		if m.kv != nil {
			keys, kv, width, first = r.both.seqs[i], s.kv, 2*c.wide(), 0
		}
		n := (q.hi - q.lo) * (keys.hi - keys.lo)
		if len(s.p) < at+c.Heads*n {
			s.p = append(s.p, make([]float32, at+c.Heads*n-len(s.p))...)
		}
		own := 3 * c.wide()
		if m.kv != nil {
			own = c.wide()
		}
		for h := range c.Heads {
			do(heads{h, q, keys, kernel.Of(s.p[at:], q.hi-q.lo, keys.hi-keys.lo), column(s.qkv, own, q.lo, q.hi, h, c.HeadDim),
				column(kv, width, keys.lo, keys.hi, first+h, c.HeadDim), column(kv, width, keys.lo, keys.hi, first+c.Heads+h, c.HeadDim)})
			at += n
		}
	}
}

// resize makes a slice n long, and keeps what it holds.
func resize[T any](s *[]T, n int) {
	for len(*s) < n {
		var zero T
		*s = append(*s, zero)
	}
}
