package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// mixBack takes dy, the gradient of a map's output for rows at… of the pass, through its
// routers: to the experts' factors, to the keys and, if dx has data, to the map's input x.
// The choice of the best is a constant; the weights are not.
func (r *Runner) mixBack(l *lane, m *linear, dx, dy, x kernel.Matrix, at int) {
	s := &r.mixing
	for _, q := range l.routers {
		if dx.Data == nil && !q.trains() {
			continue
		}
		grow(&s.y, x.Rows*m.out)
		grow(&s.dz, x.Rows*q.widest())
		grow(&s.dx, x.Rows*m.in)
		grow(&s.dw, x.Rows*q.kept())
		clear(s.dw)
		own := dy.ColRange(q.module.at, q.module.at+q.module.Out)
		if q.Mix == Factors {
			r.factorsBack(q, dx, own, x, at)
		} else {
			s.group.list(q, at, x.Rows)
			for e := range q.experts {
				r.utterBack(q, e, dx, own, x, at)
			}
		}
		if q.scored() && (dx.Data != nil || q.GradKeys != nil) {
			r.scoresBack(q, dx, x, at)
		}
	}
}

// utterBack is the way back through utter: it gives the gradients of the factors, of the
// weights and, through the factors, of the input.
func (r *Runner) utterBack(q *routed, e int, dx, dy, x kernel.Matrix, at int) {
	s := &r.mixing
	rows, places, weight := s.group.of(e)
	own := &q.experts[e]
	if own.Branch == nil || len(rows) == 0 {
		return
	}
	in, out := fetch(s.x, x, rows), fetch(s.y, dy, rows)
	z, dz := kernel.Of(s.z, len(rows), own.Rank), kernel.Of(s.dz, len(rows), own.Rank)
	own.lower(z, in)
	own.out.Mul(dz, out, kernel.Epilogue{})
	for i, p := range places {
		s.dw[p] = dot(dz.Row(i), z.Row(i))
		kernel.Scale(z.Row(i), weight[i])
		kernel.Scale(dz.Row(i), weight[i]*own.Scale)
	}
	if own.GradB != nil {
		kernel.TN(ref(kernel.Of(own.GradB, q.module.Out, own.Rank)), &out, &z, true)
	}
	if own.GradA != nil {
		kernel.TN(ref(kernel.Of(own.GradA, own.Rank, q.module.In)), &dz, &in, true)
	}
	if dx.Data != nil {
		down := kernel.Of(s.dx, len(rows), x.Cols)
		kernel.NN(&down, &dz, ref(kernel.Of(own.A, own.Rank, x.Cols)), false)
		scatter(dx, down, rows)
	}
}

func dot(x, y []float32) (sum float32) {
	for i, v := range x {
		sum += float32(v * y[i])
	}
	return sum
}

// factorsBack is the way back through mixFactors.
func (r *Runner) factorsBack(q *routed, dx, dy, x kernel.Matrix, at int) {
	s, k := &r.mixing, q.kept()
	q.eachDecision(r, at, at+x.Rows, func(lo, hi int) {
		if !q.blend(lo) {
			return
		}
		rank := len(q.pairs[0]) / q.module.In
		in, out := x.RowRange(lo-at, hi-at), dy.RowRange(lo-at, hi-at)
		z, dz := kernel.Of(s.z, hi-lo, rank), kernel.Of(s.dz, hi-lo, rank)
		q.mixed[0].forward.Mul(z, in, kernel.Epilogue{})
		q.mixed[1].back.Mul(dz, out, kernel.Epilogue{})
		grow(&s.hats, len(q.pairs[0])+len(q.pairs[1]))
		da, db := kernel.Of(s.hats, rank, q.module.In), kernel.Of(s.hats[len(q.pairs[0]):], q.module.Out, rank)
		kernel.TN(&da, &dz, &in, false)
		kernel.TN(&db, &out, &z, false)
		for i, e := range q.choice[lo*k : (lo+1)*k] {
			if e < 0 || q.Experts[e] == nil {
				continue
			}
			b, w := q.Experts[e], q.weight[lo*k+i]
			s.dw[(lo-at)*k+i] = dot(da.Data, b.A) + float32(b.Scale*dot(db.Data, b.B))
			if b.GradA != nil {
				kernel.AddScaled(b.GradA, w, da.Data)
			}
			if b.GradB != nil {
				kernel.AddScaled(b.GradB, w*b.Scale, db.Data)
			}
		}
		if dx.Data != nil {
			q.mixed[0].back.Mul(dx.RowRange(lo-at, hi-at), dz, kernel.Epilogue{Add: true})
		}
	})
}

// scoresBack takes the gradients of weights to those of scores, and on to the keys and the
// input.
func (r *Runner) scoresBack(q *routed, dx, x kernel.Matrix, at int) {
	s, n, k := &r.mixing, len(q.Experts), q.kept()
	grow(&s.ds, x.Rows*n)
	clear(s.ds)
	if q.Grain == ByRow {
		for t := range x.Rows {
			row := at + t
			q.weightsBack(s.ds[t*n:(t+1)*n], q.scores[row*n:(row+1)*n], q.choice[row*k:(row+1)*k], q.weight[row*k:(row+1)*k], s.dw[t*k:(t+1)*k])
		}
	} else {
		r.decisionsBack(q, at, at+x.Rows)
	}
	ds := kernel.Of(s.ds, x.Rows, n)
	hat := kernel.Of(q.hat, n, x.Cols)
	if q.By == Absolute {
		grow(&s.hats, x.Rows*n)
		raw := kernel.Of(s.hats, x.Rows, n)
		q.keys.Mul(raw, x, kernel.Epilogue{})
		for i, v := range raw.Data {
			if v < 0 {
				s.ds[i] = -s.ds[i]
			}
		}
		if q.GradKeys != nil {
			kernel.TN(ref(kernel.Of(q.GradKeys, n, x.Cols)), &ds, &x, true)
		}
		if dx.Data != nil {
			kernel.NN(&dx, &ds, &hat, true)
		}
		return
	}
	u := kernel.Of(s.hat, x.Rows, x.Cols)
	kernel.LayerNorm(&u, &x, q.gain, nil, q.Epsilon, s.mean, s.inv)
	if q.GradKeys != nil {
		grow(&s.hats, n*x.Cols)
		dhat := kernel.Of(s.hats, n, x.Cols)
		kernel.TN(&dhat, &ds, &u, false)
		kernel.Scale(dhat.Data, q.root())
		kernel.LayerNormBack(ref(kernel.Of(q.GradKeys, n, x.Cols)), &dhat, ref(kernel.Of(q.Keys, n, x.Cols)), q.gain, q.mean, q.inv, nil, nil)
	}
	if dx.Data != nil {
		du := kernel.Of(s.dx, x.Rows, x.Cols)
		kernel.NN(&du, &ds, &hat, false)
		kernel.LayerNormBack(&dx, &du, &x, q.gain, s.mean, s.inv, nil, nil)
	}
}

// decisionsBack is scoresBack's first half where rows lo…hi−1 share decisions: the
// gradients of their weights add up, and each row of a prompt has an equal part in the
// mean of the scores.
func (r *Runner) decisionsBack(q *routed, lo, hi int) {
	s, n, k := &r.mixing, len(q.Experts), q.kept()
	first, last := r.within(lo, hi)
	for i := first; i < last; {
		u, end := q.unitOf(i), i+1
		if q.Grain == ByBatch {
			end = last
		}
		grow(&u.back, k+n)
		clear(u.back)
		dw, ds := u.back[:k], u.back[k:]
		for t := r.seqs[i].lo; t < r.seqs[end-1].hi; t++ {
			for j, g := range s.dw[(t-lo)*k : (t-lo+1)*k] {
				dw[j] += g
			}
		}
		q.weightsBack(ds, u.scores, u.choice, u.weight, dw)
		kernel.Scale(ds, float32(1/float64(u.rows)))
		for ; i < end; i++ {
			for t := r.seqs[i].lo; t < r.seqs[i].lo+r.prompt(i); t++ {
				copy(s.ds[(t-lo)*n:(t-lo+1)*n], ds)
			}
		}
	}
}

// weightsBack adds to ds the gradient of scores, given that of the weights they became.
func (q *routed) weightsBack(ds, scores []float32, choice []int32, weight, dw []float32) {
	if choice[0] < 0 {
		return
	}
	mean := dot(weight, dw)
	for i, e := range choice {
		ds[e] += float32(weight[i] * (dw[i] - mean))
	}
	if !q.Raw || len(choice) == len(scores) {
		return
	}
	top := scores[choice[0]]
	var sum float32
	for _, x := range scores {
		sum += kernel.Exp(x - top)
	}
	for e, x := range scores {
		if !contains(choice, e) {
			ds[e] = float32(-kernel.Exp(x-top) / sum * mean)
		}
	}
}

func contains(choice []int32, e int) bool {
	for _, x := range choice {
		if int(x) == e {
			return true
		}
	}
	return false
}
