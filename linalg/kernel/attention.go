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
	see.scores(p, q, k)
	if n, grow, ok := see.steady(p); ok {
		softmaxRows(p, n, grow, scale)
		return
	}
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

// scores is p = q·kᵀ wherever some query of a row sees some key of a panel's worth.
func (s Sight) scores(p, q, k Matrix) {
	if fastScores(p, q, k, s) {
		return
	}
	for j := 0; j < p.Cols; j += width {
		w := min(width, p.Cols-j)
		lo, hi := s.watchers(j, j+w, p)
		NT(p.RowRange(lo, hi).ColRange(j, j+w), q.RowRange(lo, hi), k.RowRange(j, j+w), false)
	}
}

// watchers are the queries lo…hi−1 that may see any of the keys j…end−1.
func (s Sight) watchers(j, end int, p Matrix) (lo, hi int) {
	hi = p.Rows
	if s.Causal {
		lo = max(0, j-s.First)
		if s.Window > 0 {
			hi = min(hi, end-1+s.Window-s.First)
		}
	}
	return min(lo, p.Rows), max(min(lo, p.Rows), hi)
}

// steady is whether rows begin at the first key and each ends grow keys after the one
// before, as the assembly takes them.
func (s Sight) steady(p Matrix) (n, grow int, ok bool) {
	if !assembled || p.Rows == 0 || p.Cols == 0 {
		return 0, 0, false
	}
	if !s.Causal {
		return p.Cols, 0, true
	}
	bounded := s.Window > 0 && s.First+p.Rows > s.Window
	return s.First + 1, 1, !bounded && s.First >= 0 && s.First+p.Rows <= p.Cols
}

// Attend fills p with the probabilities and o with p·v.
func Attend(o, p, q, k, v Matrix, scale float32, see Sight) {
	if o.Rows != q.Rows || o.Cols != v.Cols || v.Rows != k.Rows {
		panic(fmt.Sprintf("kernel: attention of %v from %v, %v and %v", o, q, k, v))
	}
	Probabilities(p, q, k, scale, see)
	see.gather(o, p, v)
}

// few is how many rows of attention go together: as many as a tile has, since what they
// see differs.
const few = 14

// gather is o = p·v over the keys that are seen.
func (s Sight) gather(o, p, v Matrix) {
	if n, grow, ok := s.steady(p); ok && fastGather(o, p, v, n, grow) {
		return
	}
	for i := 0; i < p.Rows; i += few {
		m := min(few, p.Rows-i)
		lo, _ := s.Span(i, p.Cols)
		_, hi := s.Span(i+m-1, p.Cols)
		NN(o.RowRange(i, i+m), p.RowRange(i, i+m).ColRange(lo, hi), v.RowRange(lo, hi), false)
	}
}

// scatter is dv += pᵀ·do over the queries that see.
func (s Sight) scatter(dv, p, do Matrix) {
	if n, grow, ok := s.steady(p); ok && fastScatter(dv, p, do, n, grow) {
		return
	}
	for j := 0; j < p.Cols; j += few {
		m := min(few, p.Cols-j)
		lo, hi := s.watchers(j, j+m, p)
		TN(dv.RowRange(j, j+m), p.RowRange(lo, hi).ColRange(j, j+m), do.RowRange(lo, hi), true)
	}
}

// AttendBack takes do, the gradient of o, to the gradients of q, k and v: dq is replaced,
// dk and dv are added to, since many queries (of other tiles, of other heads that share
// the key) look at one key. p is as Attend left it; ds, of its shape, receives dS.
//
//	dV += Pᵀ·dO;  dP = dO·Vᵀ;  dS = P∘(dP − Σ P∘dP)·scale;  dQ = dS·K;  dK += dSᵀ·Q
func AttendBack(dq, dk, dv, do, p, ds, q, k, v Matrix, scale float32, see Sight) {
	if p.Rows != q.Rows || p.Cols != k.Rows || ds.Rows != p.Rows || ds.Cols != p.Cols || do.Rows != q.Rows || do.Cols != v.Cols ||
		dq.Rows != q.Rows || dq.Cols != q.Cols || dk.Rows != k.Rows || dk.Cols != k.Cols || dv.Rows != v.Rows || dv.Cols != v.Cols {
		panic(fmt.Sprintf("kernel: back through attention: %v, %v, %v from %v, %v, %v, %v, %v, %v", dq, dk, dv, do, p, ds, q, k, v))
	}
	see.scatter(dv, p, do)
	see.scores(ds, do, v)
	if n, grow, ok := see.steady(p); ok {
		softmaxBackRows(ds, p, n, grow, scale)
	} else {
		for i := range ds.Rows {
			lo, hi := see.Span(i, ds.Cols)
			row := ds.Row(i)
			clear(row[:lo])
			clear(row[hi:])
			SoftmaxBack(row[lo:hi], p.Row(i)[lo:hi], scale)
		}
	}
	see.gather(dq, ds, k)
	see.scatter(dk, ds, q)
}
