package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// apartHead is one head of one sequence: queries, keys and values of its places, and queries
// and keys of the distances between them.
type apartHead struct {
	query, key, value kernel.Matrix
	farQuery, farKey  kernel.Matrix
	c2p, p2c          kernel.Matrix // places×distances: query·farKey, key·farQuery
	first             int           // row of the table that the first distance is
}

// apartOf finds head h of the places q in a block's qkv and in that of the distances.
func (r *Runner) apartOf(qkv, far []float32, q span, h int) apartHead {
	c, d := &r.model.config, &r.distances
	all, w, n := c.wide()+2*c.narrow(), c.HeadDim, q.hi-q.lo
	lo, hi := d.rows(n)
	return apartHead{
		query: column(qkv, all, q.lo, q.hi, h, w), key: column(qkv, all, q.lo, q.hi, c.Heads+h, w), value: column(qkv, all, q.lo, q.hi, 2*c.Heads+h, w),
		farQuery: column(far, all, lo-d.lo, hi-d.lo, h, w), farKey: column(far, all, lo-d.lo, hi-d.lo, c.Heads+h, w), first: lo,
	}
}

// attendApart is attendAll for disentangled attention.
func (r *Runner) attendApart(m *linear, s *saved) {
	c, d := &r.model.config, &r.distances
	all, rows := c.wide()+2*c.narrow(), d.hi-d.lo
	grow(&s.far, rows*all)
	r.through(m, ref(kernel.Of(s.far, rows, all)), ref(kernel.Of(d.normed, rows, c.Width)), nil, r.rows)
	grow(&s.p, r.kept[len(r.seqs)])
	for i := range r.seqs {
		r.attendBlind(s, i)
		q := r.sighted(i)
		n := q.hi - q.lo
		step := r.tileOf(n)
		for h := range c.Heads {
			x := r.apartOf(s.qkv, s.far, q, h)
			r.meetDistances(&x)
			for lo := 0; lo < n; lo += step {
				hi := min(lo+step, n)
				p := r.probabilitiesApart(s, i, h, hi-lo)
				r.scoreApart(p, &x, lo)
				kernel.NN(ref(column(s.o, c.wide(), q.lo+lo, q.lo+hi, h, c.HeadDim)), &p, &x.value, false)
			}
		}
	}
}

// sighted are the places of sequence i that are seen, and see each other.
func (r *Runner) sighted(i int) span {
	return span{r.seqs[i].lo + r.unseen[i], r.seqs[i].hi}
}

// probabilitiesApart is where those of rows of a head are held: see [Runner.probabilities].
func (r *Runner) probabilitiesApart(s *saved, i, h, rows int) kernel.Matrix {
	whole := r.seqs[i].hi - r.seqs[i].lo
	n := whole - r.unseen[i]
	if whole > kept {
		return kernel.Of(r.attend.p, rows, n)
	}
	return kernel.Of(s.p[r.kept[i]+h*whole*whole:], n, n)
}

// meetDistances gives the scores of all places with all distances.
func (r *Runner) meetDistances(x *apartHead) {
	c, d := r.model.config.Apart, &r.distances
	n, m := x.query.Rows, x.farKey.Rows
	if c.C2P {
		grow(&d.c2p, n*m)
		x.c2p = kernel.Of(d.c2p, n, m)
		kernel.NT(&x.c2p, &x.query, &x.farKey, false)
	}
	if c.P2C {
		grow(&d.p2c, n*m)
		x.p2c = kernel.Of(d.p2c, n, m)
		kernel.NT(&x.p2c, &x.key, &x.farQuery, false)
	}
}

// scoreApart fills p with the probabilities of queries lo….
func (r *Runner) scoreApart(p kernel.Matrix, x *apartHead, lo int) {
	scale, n := float32(r.model.config.scale()), x.key.Rows
	kernel.NT(&p, ref(x.query.RowRange(lo, lo+p.Rows)), &x.key, false)
	for i := range p.Rows {
		row, far := p.Row(i), r.distances.from(lo+i, n)
		if x.c2p.Data != nil {
			own := x.c2p.Row(lo + i)
			for j := range row {
				row[j] += own[int(far[n-1-j])-x.first]
			}
		}
		if x.p2c.Data != nil {
			for j := range row {
				row[j] += x.p2c.Data[j*x.p2c.Stride+int(far[n-1-j])-x.first]
			}
		}
		kernel.Softmax(row, scale)
	}
}

// attendApartBack is attendBack for disentangled attention. The gradients of the queries
// and keys of distances go through the same map as those of places.
func (r *Runner) attendApartBack(l int, s *saved) {
	c, d, m := &r.model.config, &r.distances, r.model.parts.blocks[l].qkv
	all, rows := c.wide()+2*c.narrow(), d.hi-d.lo
	grow(&d.dqkv, rows*all)
	far := kernel.Of(d.dqkv, rows, all)
	far.Zero()
	window(r.back.dqkv, all, 0, r.rows).Zero()
	for i := range r.seqs {
		r.attendBlindBack(i)
		for h := range c.Heads {
			r.headApartBack(s, i, h)
		}
	}
	var dx, onto *kernel.Matrix
	if r.base.trainsDistances(r.model.parts.distances) {
		grow(&d.dnormed, rows*c.Width)
		dx = ref(kernel.Of(d.dnormed, rows, c.Width))
		if l < len(r.blocks)-1 { // the last block is the first to come
			onto = dx
		}
	}
	r.throughBack(m, dx, &far, ref(kernel.Of(d.normed, rows, c.Width)), onto, r.rows)
}

// headApartBack takes the gradient of one head's output back.
func (r *Runner) headApartBack(s *saved, i, h int) {
	c, d, q := &r.model.config, &r.distances, r.sighted(i)
	n, scale := q.hi-q.lo, float32(c.scale())
	step, held := r.tileOf(n), r.seqs[i].hi-r.seqs[i].lo <= kept
	x, dx := r.apartOf(s.qkv, s.far, q, h), r.apartOf(r.back.dqkv, d.dqkv, q, h)
	if !held {
		r.meetDistances(&x)
	}
	m := x.farKey.Rows
	for _, g := range []*[]float32{&d.dc2p, &d.dp2c} {
		grow(g, n*m)
		clear(*g)
	}
	dx.c2p, dx.p2c = kernel.Of(d.dc2p, n, m), kernel.Of(d.dp2c, n, m)
	for lo := 0; lo < n; lo += step {
		hi := min(lo+step, n)
		p, ds := r.probabilitiesApart(s, i, h, hi-lo), kernel.Of(r.attend.ds, hi-lo, n)
		if !held {
			r.scoreApart(p, &x, lo)
		}
		do := column(r.back.do, c.wide(), q.lo+lo, q.lo+hi, h, c.HeadDim)
		kernel.AttendBack(ref(dx.query.RowRange(lo, hi)), &dx.key, &dx.value, &do, &p, &ds, ref(x.query.RowRange(lo, hi)), &x.key, &x.value, 1, scale, kernel.Sight{}, true)
		r.spreadApart(&dx, ds, lo)
	}
	if c.Apart.C2P {
		kernel.NN(&dx.query, &dx.c2p, &x.farKey, true)
		kernel.TN(&dx.farKey, &dx.c2p, &x.query, true)
	}
	if c.Apart.P2C {
		kernel.NN(&dx.key, &dx.p2c, &x.farQuery, true)
		kernel.TN(&dx.farQuery, &dx.p2c, &x.key, true)
	}
}

// spreadApart adds the gradient of the scores of queries lo… to that of their scores with
// distances.
func (r *Runner) spreadApart(dx *apartHead, ds kernel.Matrix, lo int) {
	n := ds.Cols
	for i := range ds.Rows {
		far, own := r.distances.from(lo+i, n), dx.c2p.Row(lo+i)
		for j, g := range ds.Row(i) {
			k := int(far[n-1-j]) - dx.first
			own[k] += g
			dx.p2c.Data[j*dx.p2c.Stride+k] += g
		}
	}
}

// attendBlind fills attention's output of the places of sequence i that nobody sees. They
// see nothing either, and the softmax of nothing is even: the mean of all values.
func (r *Runner) attendBlind(s *saved, i int) {
	q, blind := r.seqs[i], r.unseen[i]
	if blind == 0 {
		return
	}
	o, v := window(s.o, r.model.config.wide(), q.lo, q.lo+blind), r.values(s.qkv, q)
	mean := o.Row(0)
	clear(mean)
	for t := range v.Rows {
		kernel.Add(mean, v.Row(t))
	}
	kernel.Scale(mean, 1/float32(v.Rows))
	for t := 1; t < blind; t++ {
		copy(o.Row(t), mean)
	}
}

// attendBlindBack takes the gradient of that mean to the values.
func (r *Runner) attendBlindBack(i int) {
	q, blind := r.seqs[i], r.unseen[i]
	do, dv := window(r.back.do, r.model.config.wide(), q.lo, q.lo+blind), r.values(r.back.dqkv, q)
	share := 1 / float32(dv.Rows)
	for t := range dv.Rows {
		for k := range blind {
			kernel.AddScaled(dv.Row(t), share, do.Row(k))
		}
	}
}

// values are those of all heads, of the places of a sequence.
func (r *Runner) values(qkv []float32, q span) kernel.Matrix {
	c := &r.model.config
	all := c.wide() + 2*c.narrow()
	return window(qkv, all, q.lo, q.hi).ColRange(c.wide()+c.narrow(), all)
}
