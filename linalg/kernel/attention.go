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

// Attention over one sequence, softmax(scale·Q·Kᵀ)·V, is three functions, so that the
// caller chooses what to keep. They take some heads at once, which lie side by side: q and
// o are queries×(heads·width), k and v keys×(heads·width), or keys×width where all these
// heads share them; all are windows on rows that may hold more (Stride > Cols). p holds the
// probabilities, zero where a query does not see, and is (heads·queries)×keys, a head's
// rows below those of the head before. Long sequences go tile by tile: rows of q with
// [Sight].First moved on.
//
// A caller keeps p from [Attend] for [AttendBack], or has it made again by
// [Probabilities], bit for bit. A query that sees no key has zeros.

// Probabilities fills p with softmax(scale·q·kᵀ).
func Probabilities(p, q, k Matrix, heads int, scale float32, see Sight) {
	if !beside(&q, &k, heads) || p.Rows != heads*q.Rows || p.Cols != k.Rows {
		panic(fmt.Sprintf("kernel: probabilities of %v from %v and %v, %d heads", p, q, k, heads))
	}
	see.scores(p, q, k, heads)
	n, grow, ok := see.steady(q.Rows, p.Cols)
	for h := range heads {
		own := p.RowRange(h*q.Rows, (h+1)*q.Rows)
		if ok {
			softmaxRows(own, n, grow, scale)
			continue
		}
		for i := range own.Rows {
			lo, hi := see.Span(i, own.Cols)
			row := own.Row(i)
			clear(row[:lo])
			clear(row[hi:])
			if lo < hi {
				Softmax(row[lo:hi], scale)
			}
		}
	}
}

// beside is whether m's columns are so many heads, and of's as many, or one.
func beside(m, of *Matrix, heads int) bool {
	return heads > 0 && m.Cols%heads == 0 && (of.Cols == m.Cols || of.Cols == m.Cols/heads)
}

// head is head h, so wide, of those that lie side by side in m, or the only one.
func (m Matrix) head(h, width int) Matrix {
	if m.Cols == width {
		return m
	}
	return m.ColRange(h*width, (h+1)*width)
}

// scores is p = q·kᵀ wherever some query of a row sees some key of a panel's worth.
func (s Sight) scores(p, q, k Matrix, heads int) {
	if fastScores(p, q, k, heads, s) {
		return
	}
	d := q.Cols / heads
	for h := range heads {
		own, query, key := p.RowRange(h*q.Rows, (h+1)*q.Rows), q.head(h, d), k.head(h, d)
		for j := 0; j < p.Cols; j += width {
			w := min(width, p.Cols-j)
			lo, hi := s.watchers(j, j+w, q.Rows)
			c, a, b := own.RowRange(lo, hi).ColRange(j, j+w), query.RowRange(lo, hi), key.RowRange(j, j+w)
			NT(&c, &a, &b, false)
		}
	}
}

// watchers are the queries lo…hi−1 of so many that may see any of the keys j…end−1.
func (s Sight) watchers(j, end, queries int) (lo, hi int) {
	hi = queries
	if s.Causal {
		lo = max(0, j-s.First)
		if s.Window > 0 {
			hi = min(hi, end-1+s.Window-s.First)
		}
	}
	return min(lo, queries), max(min(lo, queries), hi)
}

// steady is whether rows begin at the first key and each ends grow keys after the one
// before, as the assembly takes them.
func (s Sight) steady(queries, keys int) (n, grow int, ok bool) {
	if !assembled || queries == 0 || keys == 0 {
		return 0, 0, false
	}
	if !s.Causal {
		return keys, 0, true
	}
	bounded := s.Window > 0 && s.First+queries > s.Window
	return s.First + 1, 1, !bounded && s.First >= 0 && s.First+queries <= keys
}

// Attend fills p with the probabilities and o with p·v.
func Attend(o, p, q, k, v *Matrix, heads int, scale float32, see Sight) {
	if o.Rows != q.Rows || !beside(o, v, heads) || v.Rows != k.Rows {
		panic(fmt.Sprintf("kernel: attention of %v from %v, %v and %v, %d heads", *o, *q, *k, *v, heads))
	}
	if !beside(q, k, heads) || p.Rows != heads*q.Rows || p.Cols != k.Rows || !fastBrief(o, p, q, k, v, heads, scale, see) {
		Probabilities(*p, *q, *k, heads, scale, see)
		see.gather(*o, *p, *v, heads)
	}
}

// few is how many rows of attention go together: as many as a tile has, since what they
// see differs.
const few = 14

// gather is o = p·v over the keys that are seen.
func (s Sight) gather(o, p, v Matrix, heads int) {
	if n, grow, ok := s.steady(o.Rows, p.Cols); ok && fastGather(o, p, v, heads, n, grow) {
		return
	}
	d := o.Cols / heads
	for h := range heads {
		to, own, value := o.head(h, d), p.RowRange(h*o.Rows, (h+1)*o.Rows), v.head(h, d)
		for i := 0; i < o.Rows; i += few {
			m := min(few, o.Rows-i)
			lo, _ := s.Span(i, p.Cols)
			_, hi := s.Span(i+m-1, p.Cols)
			c, a, b := to.RowRange(i, i+m), own.RowRange(i, i+m).ColRange(lo, hi), value.RowRange(lo, hi)
			NN(&c, &a, &b, false)
		}
	}
}

// scatter is dv = pᵀ·do over the queries that see, head after head, and with add is added to
// dv; without, [Sight.covers] must hold.
func (s Sight) scatter(dv, p, do Matrix, heads int, add bool) {
	if n, grow, ok := s.steady(do.Rows, p.Cols); ok && fastScatter(dv, p, do, heads, n, grow, add) {
		return
	}
	d := do.Cols / heads
	for h := range heads {
		to, own, from := dv.head(h, d), p.RowRange(h*do.Rows, (h+1)*do.Rows), do.head(h, d)
		for j := 0; j < p.Cols; j += few {
			m := min(few, p.Cols-j)
			lo, hi := s.watchers(j, j+m, do.Rows)
			c, a, b := to.RowRange(j, j+m), own.RowRange(lo, hi).ColRange(j, j+m), from.RowRange(lo, hi)
			TN(&c, &a, &b, true)
		}
	}
}

// covers is whether so many queries see all keys, each head its own, in the way of the
// assembly, so that its products leave nothing of their gradients out and meet none twice.
func (s Sight) covers(queries, keys int, shared bool) bool {
	n, grow, ok := s.steady(queries, keys)
	return ok && !shared && n+grow*(queries-1) == keys
}

// AttendBack takes do, the gradient of o, to the gradients of q, k and v: dq is replaced,
// and so are dk and dv, or with add they are added to, where other queries (of other tiles,
// of other heads that share the key) look at the same keys; dk without data is not wanted. p
// is as Attend left it; ds, of its shape, is scratch.
//
//	dV += Pᵀ·dO;  dP = dO·Vᵀ;  dS = P∘(dP − Σ P∘dP)·scale;  dQ = dS·K;  dK += dSᵀ·Q
func AttendBack(dq, dk, dv, do, p, ds, q, k, v *Matrix, heads int, scale float32, see Sight, add bool) {
	if !beside(q, k, heads) || !beside(do, v, heads) || p.Rows != heads*q.Rows || p.Cols != k.Rows || ds.Rows != p.Rows || ds.Cols != p.Cols ||
		do.Rows != q.Rows || v.Rows != k.Rows || dq.Rows != q.Rows || dq.Cols != q.Cols || dk.Data != nil && (dk.Rows != k.Rows || dk.Cols != k.Cols) ||
		dv.Rows != v.Rows || dv.Cols != v.Cols {
		panic(fmt.Sprintf("kernel: back through attention: %v, %v, %v from %v, %v, %v, %v, %v, %v, %d heads", *dq, *dk, *dv, *do, *p, *ds, *q, *k, *v, heads))
	}
	if !add && !see.covers(q.Rows, k.Rows, k.Cols != q.Cols) {
		dk.Zero()
		dv.Zero()
		add = true
	}
	if !fastBriefBack(dq, dk, dv, do, p, q, k, v, heads, scale, see, add) {
		see.back(*dq, *dk, *dv, *do, *p, *ds, *q, *k, *v, heads, scale, add)
	}
}

// back is AttendBack product by product.
func (s Sight) back(dq, dk, dv, do, p, ds, q, k, v Matrix, heads int, scale float32, add bool) {
	s.scatter(dv, p, do, heads, add)
	s.scores(ds, do, v, heads)
	n, grow, ok := s.steady(q.Rows, p.Cols)
	for h := range heads {
		own, from := ds.RowRange(h*q.Rows, (h+1)*q.Rows), p.RowRange(h*q.Rows, (h+1)*q.Rows)
		if ok {
			softmaxBackRows(own, from, n, grow, scale)
			continue
		}
		for i := range own.Rows {
			lo, hi := s.Span(i, own.Cols)
			row := own.Row(i)
			clear(row[:lo])
			clear(row[hi:])
			SoftmaxBack(row[lo:hi], from.Row(i)[lo:hi], scale)
		}
	}
	s.gather(dq, ds, k, heads)
	if dk.Data != nil {
		s.scatter(dk, ds, q, heads, add)
	}
}
