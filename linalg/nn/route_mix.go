package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// mixing is scratch of routers, shared by all of a Runner.
type mixing struct {
	hat       []float32 // rows×In: rows standardised
	mean, inv []float32
	x, y      []float32 // an expert's rows, brought together, and the gradients of their outputs
	z         []float32 // Scale·A·x of them
	group     groups

	dz, dx, hats []float32 // of the way back
	dw           []float32 // rows×kept: gradients of weights
	ds           []float32 // rows×experts: of scores
}

// groups lists rows by the expert they go to.
type groups struct {
	end    []int32 // by expert: where its rows end
	rows   []int32
	at     []int32   // their places among the weights
	weight []float32 // and the weights
}

// mix adds to y what the routers of a map say of x, rows at… of the pass.
func (r *Runner) mix(l *lane, m *linear, to, from *kernel.Matrix, at int) {
	if len(l.routers) == 0 {
		return
	}
	y, x := *to, *from
	stood := 0.0 // the epsilon of what hat holds
	for _, q := range l.routers {
		u := x
		if q.By == Standardised {
			u = kernel.Of(r.mixing.hat, x.Rows, m.in)
			if stood != q.Epsilon {
				kernel.LayerNorm(&u, &x, q.gain, nil, q.Epsilon, r.mixing.mean, r.mixing.inv)
				stood = q.Epsilon
			}
		}
		r.choose(q, u, at)
		own := y.ColRange(q.module.at, q.module.at+q.module.Out)
		switch {
		case q.Mix == Factors:
			r.mixFactors(q, own, x, at)
		case q.everyone():
			for e := range q.experts {
				r.utterAll(q, e, own, x, at)
			}
		default:
			r.utter(q, own, x, at)
		}
	}
}

// list sorts rows at… by expert, keeping their order.
func (g *groups) list(q *routed, at, rows int) {
	n, k := len(q.experts), q.kept()
	choice, weight := q.choice[at*k:(at+rows)*k], q.weight[at*k:]
	grow(&g.end, n)
	grow(&g.rows, len(choice))
	grow(&g.at, len(choice))
	grow(&g.weight, len(choice))
	clear(g.end)
	for _, e := range choice {
		if e >= 0 {
			g.end[e]++
		}
	}
	sum := int32(0)
	for e, count := range g.end {
		g.end[e] = sum // where its rows begin, for now
		sum += count
	}
	for i, e := range choice {
		if e >= 0 {
			to := g.end[e]
			g.rows[to], g.at[to], g.weight[to] = int32(i/k), int32(i), weight[i]
			g.end[e]++
		}
	}
}

// of is the rows of an expert, the places of their weights behind row at's first, and the
// weights.
func (g *groups) of(e int) (rows, at []int32, weight []float32) {
	lo, hi := int32(0), g.end[e]
	if e > 0 {
		lo = g.end[e-1]
	}
	return g.rows[lo:hi], g.at[lo:hi], g.weight[lo:hi]
}

// lower is z = Scale·A·x.
func (x *expert) lower(z, rows kernel.Matrix) {
	if x.Rank < thin {
		kernel.ThinNT(z, rows, kernel.Of(x.A, x.Rank, rows.Cols), x.Scale)
		return
	}
	x.in.Mul(z, rows, kernel.Epilogue{})
	kernel.Scale(z.Data, x.Scale)
}

// lowerRows is lower for rows of x that are listed, each result being multiplied by its
// weight. A thin product reads them where they lie; for others they are brought together.
func (x *expert) lowerRows(z, from kernel.Matrix, rows []int32, weight, room []float32) {
	if x.Rank < thin {
		kernel.ThinRows(z, from, rows, kernel.Of(x.A, x.Rank, from.Cols), x.Scale, weight)
		return
	}
	x.lower(z, fetch(room, from, rows))
	for i, w := range weight {
		kernel.Scale(z.Row(i), w)
	}
}

// ask has the factors brought near that lowerRows and the product behind it read.
func (x *expert) ask() {
	if x.Rank < thin {
		kernel.Ask(x.A)
	} else {
		x.in.Ask()
	}
	x.up.Ask()
}

// utter adds what the experts say of the rows that went to them, times their weights, to
// those rows where they lie.
func (r *Runner) utter(q *routed, y, x kernel.Matrix, at int) {
	s := &r.mixing
	s.group.list(q, at, x.Rows)
	for e := range q.experts {
		if e+1 < len(q.experts) && q.experts[e+1].Branch != nil {
			if next, _, _ := s.group.of(e + 1); len(next) > 0 {
				q.experts[e+1].ask()
			}
		}
		own := &q.experts[e]
		rows, _, weight := s.group.of(e)
		if own.Branch == nil || len(rows) == 0 {
			continue
		}
		z := kernel.Of(s.z, len(rows), own.Rank)
		own.lowerRows(z, x, rows, weight, s.x)
		own.up.AddRows(y, rows, z)
	}
}

// widest is the largest rank among the experts.
func (r *Router) widest() int {
	rank := 1
	for _, b := range r.Experts {
		if b != nil {
			rank = max(rank, b.Rank)
		}
	}
	return rank
}

// utterAll is utter where all rows go to every expert: nothing is gathered.
func (r *Runner) utterAll(q *routed, e int, y, x kernel.Matrix, at int) {
	own := &q.experts[e]
	if own.Branch == nil {
		return
	}
	z := kernel.Of(r.mixing.z, x.Rows, own.Rank)
	own.lower(z, x)
	for t := range z.Rows {
		kernel.Scale(z.Row(t), q.weightOf(at+t, e))
	}
	own.up.Mul(y, z, kernel.Epilogue{Add: true})
}

// weightOf is the weight of an expert for row t of the pass.
func (q *routed) weightOf(t, e int) float32 {
	k := q.kept()
	for i, own := range q.choice[t*k : (t+1)*k] {
		if int(own) == e {
			return q.weight[t*k+i]
		}
	}
	return 0
}

// fetch copies rows, one below the other.
func fetch(to []float32, x kernel.Matrix, rows []int32) kernel.Matrix {
	out := kernel.Of(to, len(rows), x.Cols)
	for i, t := range rows {
		copy(out.Row(i), x.Row(int(t)))
	}
	return out
}

// scatter adds them back to where they came from.
func scatter(y, from kernel.Matrix, rows []int32) {
	for i, t := range rows {
		kernel.Add(y.Row(int(t)), from.Row(i))
	}
}

// mixFactors adds, decision by decision, what one pair of mixed factors says.
func (r *Runner) mixFactors(q *routed, y, x kernel.Matrix, at int) {
	q.eachDecision(r, at, at+x.Rows, func(lo, hi int) {
		if !q.blend(lo) {
			return
		}
		a := kernel.Of(q.pairs[0], len(q.pairs[0])/q.module.In, q.module.In)
		z := kernel.Of(r.mixing.z, hi-lo, a.Rows)
		q.mixed[0].forward.Mul(z, x.RowRange(lo-at, hi-at), kernel.Epilogue{})
		q.mixed[1].forward.Mul(y.RowRange(lo-at, hi-at), z, kernel.Epilogue{Add: true})
	})
}

// eachDecision walks through the rows lo…hi−1 that share a decision: sequence by sequence,
// or the whole batch, or everything where all rows have the same weights.
func (q *routed) eachDecision(r *Runner, lo, hi int, f func(lo, hi int)) {
	if q.By == Uniform || q.Grain == ByBatch && q.By != Shared {
		f(lo, hi)
		return
	}
	first, last := r.within(lo, hi)
	for _, s := range r.seqs[first:last] {
		f(s.lo, s.hi)
	}
}

// blend forms Σ w·A and Σ w·Scale·B with the weights of row t, and says whether anybody
// was chosen.
func (q *routed) blend(t int) bool {
	k, any := q.kept(), false
	for i, e := range q.choice[t*k : (t+1)*k] {
		if e < 0 || q.Experts[e] == nil {
			continue
		}
		b, w := q.Experts[e], q.weight[t*k+i]
		if !any {
			grow(&q.pairs[0], len(b.A))
			grow(&q.pairs[1], len(b.B))
			clear(q.pairs[0])
			clear(q.pairs[1])
		}
		any = true
		kernel.AddScaled(q.pairs[0], w, b.A)
		kernel.AddScaled(q.pairs[1], w*b.Scale, b.B)
	}
	if !any {
		return false
	}
	rank := len(q.pairs[0]) / q.module.In
	a, b := kernel.Of(q.pairs[0], rank, q.module.In), kernel.Of(q.pairs[1], q.module.Out, rank)
	q.mixed[0].forward.PackNT(a)
	q.mixed[0].back.PackNN(a)
	q.mixed[1].forward.PackNT(b)
	q.mixed[1].back.PackNN(b)
	return true
}
