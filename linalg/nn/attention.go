package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// attention is the scratch of attention with grouped queries (Ainslie et al. 2023): query
// head h reads key head h/(Heads/KVHeads), rounded down.
//
// Probabilities of sequences up to kept long are held for the way back. Those of longer
// ones are formed for a tile of rows at a time, and again on the way back, bit for bit.
type attention struct {
	p, ds []float32 // tile×longest sequence
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
	c := r.model.config
	scale := float32(c.scale())
	grow(&s.p, r.kept[len(r.seqs)])
	for i, q := range r.seqs {
		n := q.hi - q.lo
		step := r.tileOf(n)
		for lo := 0; lo < n; lo += step {
			hi := min(lo+step, n)
			for h := range c.Heads {
				query, key, value := s.heads(c, h, q, lo, hi, r.unseen[i])
				p := r.probabilities(s, i, h, hi-lo)
				kernel.Attend(column(s.o, c.wide(), q.lo+lo, q.lo+hi, h, c.HeadDim), p, query, key, value, scale, r.sight(b, lo))
			}
		}
	}
}

// attendBack takes do, the gradient of attention's output, to dqkv.
func (r *Runner) attendBack(b *block, s *saved) {
	c, g := r.model.config, &r.back
	all, scale := c.wide()+2*c.narrow(), float32(c.scale())
	window(g.dqkv, all, 0, r.rows).ColRange(c.wide(), all).Zero()
	down := saved{qkv: g.dqkv}
	for i, q := range r.seqs {
		n := q.hi - q.lo
		step := r.tileOf(n)
		for lo := 0; lo < n; lo += step {
			hi := min(lo+step, n)
			ds := kernel.Of(r.attend.ds, hi-lo, n-r.unseen[i])
			for h := range c.Heads {
				query, key, value := s.heads(c, h, q, lo, hi, r.unseen[i])
				dq, dk, dv := down.heads(c, h, q, lo, hi, r.unseen[i])
				p := r.probabilities(s, i, h, hi-lo)
				if n > kept {
					kernel.Probabilities(p, query, key, scale, r.sight(b, lo))
				}
				do := column(g.do, c.wide(), q.lo+lo, q.lo+hi, h, c.HeadDim)
				kernel.AttendBack(dq, dk, dv, do, p, ds, query, key, value, scale, r.sight(b, lo))
			}
		}
	}
}

// tileOf is how many rows of a sequence go together, with scratch for them.
func (r *Runner) tileOf(n int) int {
	step := n
	if n > kept {
		step = tile
	}
	grow(&r.attend.p, step*n)
	grow(&r.attend.ds, step*n)
	return step
}

// probabilities is where those of rows of head h in sequence i are held: the block's own
// memory, or scratch. A sequence's heads lie one behind the other, n×n each.
func (r *Runner) probabilities(s *saved, i, h, rows int) kernel.Matrix {
	n := r.seqs[i].hi - r.seqs[i].lo
	if n > kept {
		return kernel.Of(r.attend.p, rows, n-r.unseen[i])
	}
	return kernel.Of(s.p[r.kept[i]+h*n*n:], n, n-r.unseen[i])
}

// heads are head h of rows lo…hi−1 of a sequence's queries, and of all its keys and values
// but for the first few that nobody sees.
func (s *saved) heads(c Config, h int, q span, lo, hi, unseen int) (query, key, value kernel.Matrix) {
	all, d := c.wide()+2*c.narrow(), c.HeadDim
	group := h / (c.Heads / c.KVHeads)
	query = column(s.qkv, all, q.lo+lo, q.lo+hi, h, d)
	key = column(s.qkv, all, q.lo+unseen, q.hi, c.Heads+group, d)
	value = column(s.qkv, all, q.lo+unseen, q.hi, c.Heads+c.KVHeads+group, d)
	return query, key, value
}

// column is the h-th head, d wide, in rows lo…hi−1 of a buffer.
func column(buffer []float32, width, lo, hi, h, d int) kernel.Matrix {
	return kernel.Matrix{Data: buffer[lo*width+h*d : (hi-1)*width+(h+1)*d], Rows: hi - lo, Cols: d, Stride: width}
}
