package nn

import (
	"math"

	"github.com/loramesh/loramesh/linalg/kernel"
)

// attention is the scratch of causal attention with grouped queries (Ainslie et al. 2023):
// query head h reads key head h/(Heads/KVHeads), rounded down. Scores are formed for a
// few rows at a time, over the places up to the last of these rows; they are not kept,
// but made again on the way back from the same two numbers a row, bit for bit.
type attention struct {
	scores []float32 // tile×longest sequence
	grads  []float32 // the same for their gradient
}

// tile is the number of query rows whose scores are formed together.
const tile = 16

func (r *Runner) scale() float32 {
	return float32(1 / math.Sqrt(float64(r.model.config.HeadDim)))
}

// attendRows fills o for rows lo…hi−1 of one sequence that begins at row start.
func (r *Runner) attendRows(s *saved, start, lo, hi int) {
	c := r.model.config
	grow(&r.attend.scores, tile*(hi-start))
	for ; lo < hi; lo += tile {
		end := min(lo+tile, hi)
		for h := range c.Heads {
			p, v := r.scoreTile(s, h, start, lo, end)
			for i := range p.Rows {
				seen := lo + i + 1 - start
				row := p.Row(i)
				s.top[(lo+i)*c.Heads+h], s.inv[(lo+i)*c.Heads+h] = kernel.Softmax(row[:seen], r.scale())
				clear(row[seen:])
			}
			kernel.NN(headOf(s.o, c.Heads, c.HeadDim, h, lo, end), p, v, false)
		}
	}
}

// scoreTile forms the unscaled scores of rows lo…end−1 in head h with all places from
// start to end, and gives them with the values of these places.
func (r *Runner) scoreTile(s *saved, h, start, lo, end int) (scores, v kernel.Matrix) {
	c := r.model.config
	group := h / (c.Heads / c.KVHeads)
	k := headOf(s.k, c.KVHeads, c.HeadDim, group, start, end)
	scores = kernel.Of(r.attend.scores, end-lo, end-start)
	kernel.NT(scores, headOf(s.q, c.Heads, c.HeadDim, h, lo, end), k, false)
	return scores, headOf(s.v, c.KVHeads, c.HeadDim, group, start, end)
}

// headOf is the window of one head in rows lo…hi−1.
func headOf(buffer []float32, heads, width, h, lo, hi int) kernel.Matrix {
	return window(buffer, heads*width, lo, hi).ColRange(h*width, (h+1)*width)
}

// attendBack takes do, the gradient of attention's output, to dq, dk and dv of all rows.
func (r *Runner) attendBack(s *saved) {
	c, b, n := r.model.config, &r.back, r.rows
	narrow := c.KVHeads * c.HeadDim
	clear(b.dk[:n*narrow])
	clear(b.dv[:n*narrow])
	for _, q := range r.seqs {
		grow(&r.attend.scores, tile*(q.hi-q.lo))
		grow(&r.attend.grads, tile*(q.hi-q.lo))
		for lo := q.lo; lo < q.hi; lo += tile {
			end := min(lo+tile, q.hi)
			for h := range c.Heads {
				r.attendTileBack(s, h, q.lo, lo, end)
			}
		}
	}
}

// attendTileBack is attendBack for rows lo…end−1 in head h of the sequence at start.
//
//	dV += Pᵀ·dO;  dP = dO·Vᵀ;  dS = P∘(dP − Σ P∘dP)·scale;  dQ = dS·K;  dK += dSᵀ·Q
func (r *Runner) attendTileBack(s *saved, h, start, lo, end int) {
	c, b := r.model.config, &r.back
	group := h / (c.Heads / c.KVHeads)
	scale := r.scale()
	p, v := r.scoreTile(s, h, start, lo, end)
	for i := range p.Rows {
		seen, at := lo+i+1-start, (lo+i)*c.Heads+h
		kernel.SoftmaxAgain(p.Row(i)[:seen], scale, s.top[at], s.inv[at])
		clear(p.Row(i)[seen:])
	}
	do := headOf(b.do, c.Heads, c.HeadDim, h, lo, end)
	kernel.TN(headOf(b.dv, c.KVHeads, c.HeadDim, group, start, end), p, do, true)
	d := kernel.Of(r.attend.grads, p.Rows, p.Cols)
	kernel.NT(d, do, v, false)
	for i := range d.Rows {
		kernel.SoftmaxBack(d.Row(i), p.Row(i), scale)
	}
	kernel.NN(headOf(b.dq, c.Heads, c.HeadDim, h, lo, end), d, headOf(s.k, c.KVHeads, c.HeadDim, group, start, end), false)
	kernel.TN(headOf(b.dk, c.KVHeads, c.HeadDim, group, start, end), d, headOf(s.q, c.Heads, c.HeadDim, h, lo, end), true)
}
