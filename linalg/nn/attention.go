package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// attention is the scratch of attention with grouped queries (Ainslie et al. 2023): query
// head h reads key head h/(Heads/KVHeads), rounded down.
//
// Probabilities of sequences up to kept long are held for the way back. Those of longer
// ones are formed for a tile of rows at a time, and again on the way back, bit for bit.
type attention struct {
	p, ds []float32 // tile×longest sequence, or of the heads that go together
}

const (
	kept = 128 // longest sequence whose probabilities are held
	tile = 64  // query rows of a longer one that are worked on together
)

// sight of queries that begin at place first.
func (r *Runner) sight(b *block, first int) kernel.Sight {
	return kernel.Sight{First: first, Causal: !r.model.config.Bidirectional, Window: b.window}
}

// attendAll fills o of a block from its qkv.
func (r *Runner) attendAll(b *block, s *saved) {
	c := &r.model.config
	scale := float32(c.scale())
	grow(&s.p, r.kept[len(r.seqs)])
	for i, q := range r.seqs {
		n := q.hi - q.lo
		step := r.tileOf(n)
		for lo := 0; lo < n; lo += step {
			hi := min(lo+step, n)
			for h, m := 0, 0; h < c.Heads; h += m {
				m = c.together(h, n)
				var o, p, query, key, value kernel.Matrix
				c.heads(&query, &key, &value, s.qkv, h, m, q, lo, hi, r.unseen[i])
				r.probabilities(&p, s, i, h, m*(hi-lo))
				setColumns(&o, s.o, c.wide(), q.lo+lo, q.lo+hi, h*c.HeadDim, m*c.HeadDim)
				kernel.Attend(&o, &p, &query, &key, &value, m, scale, r.sight(b, lo))
			}
		}
	}
}

// attendBack takes do, the gradient of attention's output, to dqkv. That of keys which
// nobody asks for is left as it was.
func (r *Runner) attendBack(b *block, s *saved) {
	c, g, keys := &r.model.config, &r.back, r.wantsKeys(b)
	all, scale := c.wide()+2*c.narrow(), float32(c.scale())
	for i, q := range r.seqs {
		n := q.hi - q.lo
		step := r.tileOf(n)
		// where all that looks at a key goes together, its gradient begins there
		once := step == n && c.Heads == c.KVHeads
		blank := q.hi
		if once {
			blank = q.lo + r.unseen[i]
		}
		if blank > q.lo {
			window(g.dqkv, all, q.lo, blank).ColRange(c.wide(), all).Zero()
		}
		for lo := 0; lo < n; lo += step {
			hi := min(lo+step, n)
			for h, m := 0, 0; h < c.Heads; h += m {
				m = c.together(h, n)
				var p, ds, query, key, value, dq, dk, dv, do kernel.Matrix
				c.heads(&query, &key, &value, s.qkv, h, m, q, lo, hi, r.unseen[i])
				c.heads(&dq, &dk, &dv, g.dqkv, h, m, q, lo, hi, r.unseen[i])
				if !keys {
					dk = none
				}
				r.probabilities(&p, s, i, h, m*(hi-lo))
				ds.SetOf(r.attend.ds, m*(hi-lo), n-r.unseen[i])
				if n > kept {
					kernel.Probabilities(p, query, key, m, scale, r.sight(b, lo))
				}
				setColumns(&do, g.do, c.wide(), q.lo+lo, q.lo+hi, h*c.HeadDim, m*c.HeadDim)
				kernel.AttendBack(&dq, &dk, &dv, &do, &p, &ds, &query, &key, &value, m, scale, r.sight(b, lo), !once)
			}
		}
	}
}

// wantsKeys says whether anything asks for the gradient of a block's keys: what lies below,
// or a part of the map that is trained and has to do with more than queries and values.
func (r *Runner) wantsKeys(b *block) bool {
	c, l := &r.model.config, &r.lanes[b.qkv.id]
	if r.base != nil || len(l.routers) > 0 || r.lowest < depth(b.qkv.block, stageQKV) {
		return true
	}
	for i := range l.branches {
		m := l.branches[i].module
		if l.branches[i].trained() && m.at < c.wide()+c.narrow() && m.at+m.Out > c.wide() {
			return true
		}
	}
	return false
}

// together is how many heads from h on are attended to at once in a sequence of n: those of
// one key head, or where each has its own, all; but no more than have their probabilities
// in the first cache.
func (c *Config) together(h, n int) int {
	most := c.Heads - h
	if share := c.Heads / c.KVHeads; share > 1 {
		most = share - h%share
	}
	return max(1, min(most, (1<<13)/(n*n)))
}

// tileOf is how many rows of a sequence go together, with scratch for them.
func (r *Runner) tileOf(n int) int {
	step := n
	if n > kept {
		step = tile
	}
	grow(&r.attend.p, step*n)
	grow(&r.attend.ds, step*n*r.model.config.together(0, n))
	return step
}

// probabilities sets p to where those of head h and maybe some after it in sequence i are held, so
// many rows: the block's own memory, or scratch. A sequence's heads lie one behind the other.
func (r *Runner) probabilities(p *kernel.Matrix, s *saved, i, h, rows int) {
	n := r.seqs[i].hi - r.seqs[i].lo
	seen := n - r.unseen[i]
	if n > kept {
		p.SetOf(r.attend.p, rows, seen)
	} else {
		p.SetOf(s.p[r.kept[i]+h*n*seen:], rows, seen)
	}
}

// heads sets its matrices to m heads from h on, in qkv: of rows lo…hi−1 of a sequence's queries, and
// of all its keys and values but for the first few that nobody sees: as many, or the one that they
// share.
func (c *Config) heads(query, key, value *kernel.Matrix, qkv []float32, h, m int, q span, lo, hi, unseen int) {
	all, d, share := c.wide()+2*c.narrow(), c.HeadDim, c.Heads/c.KVHeads
	wide := m * d
	setColumns(query, qkv, all, q.lo+lo, q.lo+hi, h*d, wide)
	if share > 1 {
		wide = d
	}
	at := c.wide() + h/share*d
	setColumns(key, qkv, all, q.lo+unseen, q.hi, at, wide)
	setColumns(value, qkv, all, q.lo+unseen, q.hi, at+c.narrow(), wide)
}

// column is the h-th head, d wide, in rows lo…hi−1 of a buffer.
func column(buffer []float32, width, lo, hi, h, d int) kernel.Matrix {
	var m kernel.Matrix
	setColumns(&m, buffer, width, lo, hi, h*d, d)
	return m
}

// setColumns makes m so many columns of a buffer's rows lo…hi−1.
func setColumns(m *kernel.Matrix, buffer []float32, width, lo, hi, at, cols int) {
	m.Data, m.Rows, m.Cols, m.Stride = buffer[lo*width+at:(hi-1)*width+at+cols], hi-lo, cols, width
}
