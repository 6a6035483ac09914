package kernel

import "fmt"

// Sight says which keys a query may see. Query i stands at place First+i among the keys.
// Zero: every query sees all keys.
type Sight struct {
	First  int  // place of the first query: with keys of the past, or for a tile of rows
	Causal bool // keys up to the query's own place
	Window int  // at most so many of them, the nearest, if Causal; 0: all
}

// Span is the range lo…hi−1 of the keys that query i sees; hi ≤ keys.
func (s Sight) Span(i, keys int) (lo, hi int) {
	if !s.Causal {
		return 0, keys
	}
	hi = min(s.First+i+1, keys)
	if s.Window > 0 {
		lo = max(0, s.First+i+1-s.Window)
	}
	return min(lo, hi), hi
}

// Attention of one head over one sequence, softmax(scale·Q·Kᵀ)·V, is three functions, so
// that the caller chooses what to keep: q and o are queries×width, k and v keys×width,
// windows on rows that may hold many heads (Stride > Cols). p is queries×keys and holds
// the probabilities, zero where a query does not see. Long sequences go tile by tile:
// rows of q with [Sight].First moved on.
//
// A caller keeps p from [Attend] for [AttendBack], or has it made again by
// [Probabilities], bit for bit. A query that sees no key has zeros.

// Probabilities fills p with softmax(scale·q·kᵀ).
func Probabilities(p, q, k Matrix, scale float32, see Sight) {
	if q.Cols != k.Cols || p.Rows != q.Rows || p.Cols != k.Rows {
		panic(fmt.Sprintf("kernel: probabilities of %v from %v and %v", p, q, k))
	}
	_, end := see.Span(p.Rows-1, p.Cols)
	NT(p.ColRange(0, end), q, k.RowRange(0, end), false)
	for i := range p.Rows {
		lo, hi := see.Span(i, p.Cols)
		row := p.Row(i)
		clear(row[:lo])
		clear(row[hi:])
		if lo < hi {
			Softmax(row[lo:hi], scale)
		}
	}
}

// Attend fills p with the probabilities and o with p·v.
func Attend(o, p, q, k, v Matrix, scale float32, see Sight) {
	if o.Rows != q.Rows || o.Cols != v.Cols || v.Rows != k.Rows {
		panic(fmt.Sprintf("kernel: attention of %v from %v, %v and %v", o, q, k, v))
	}
	Probabilities(p, q, k, scale, see)
	_, end := see.Span(p.Rows-1, p.Cols)
	NN(o, p.ColRange(0, end), v.RowRange(0, end), false)
}

// AttendBack takes do, the gradient of o, to the gradients of q, k and v: dq is replaced,
// dk and dv are added to, since many queries (of other tiles, of other heads that share
// the key) look at one key. p is as Attend left it; ds is scratch of p's shape.
//
//	dV += Pᵀ·dO;  dP = dO·Vᵀ;  dS = P∘(dP − Σ P∘dP)·scale;  dQ = dS·K;  dK += dSᵀ·Q
func AttendBack(dq, dk, dv, do, p, ds, q, k, v Matrix, scale float32, see Sight) {
	if p.Rows != q.Rows || p.Cols != k.Rows || ds.Rows != p.Rows || ds.Cols != p.Cols || do.Rows != q.Rows || do.Cols != v.Cols ||
		dq.Rows != q.Rows || dq.Cols != q.Cols || dk.Rows != k.Rows || dk.Cols != k.Cols || dv.Rows != v.Rows || dv.Cols != v.Cols {
		panic(fmt.Sprintf("kernel: back through attention: %v, %v, %v from %v, %v, %v, %v, %v, %v", dq, dk, dv, do, p, ds, q, k, v))
	}
	_, end := see.Span(p.Rows-1, p.Cols)
	p, ds, k, v = p.ColRange(0, end), ds.ColRange(0, end), k.RowRange(0, end), v.RowRange(0, end)
	TN(dv.RowRange(0, end), p, do, true)
	NT(ds, do, v, false)
	for i := range ds.Rows {
		SoftmaxBack(ds.Row(i), p.Row(i), scale)
	}
	NN(dq, ds, k, false)
	TN(dk.RowRange(0, end), ds, q, true)
}
