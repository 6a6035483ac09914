package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// through is y = x·Wᵀ + bias and the branches, for rows at…at+x.Rows−1 of the pass. onto,
// if not nil, is added: a residual. It may be y itself. The dense product B·A is never
// formed.
func (r *Runner) through(m *linear, y, x, onto *kernel.Matrix, at int) {
	if r.taps != nil {
		r.taps.tapped(m, at, *x)
	}
	var e kernel.Epilogue
	onwards(&e, y, onto)
	if m.bias >= 0 {
		e.Bias = r.model.data[m.bias]
	}
	l, w := &r.lanes[m.id], r.model.maps[m.id].forward
	if len(l.branches) == 0 {
		w.MulCols(y, x, 0, w.N, &e)
		r.mix(l, m, y, x, at)
		return
	}
	var z kernel.Matrix
	z.SetOf(l.z[at*l.rank:], x.Rows, l.rank)
	if r.drops(m) {
		for i := range l.branches {
			b := &l.branches[i]
			kernel.NT(ref(z.ColRange(b.at, b.at+b.columns())), ref(b.drop(*x, at)), ref(b.scaledA(l, m)), false)
		}
	} else {
		l.in.MulCols(&z, x, 0, l.rank, &kernel.Epilogue{})
	}
	l.gates(z)
	if l.factor != nil {
		plain := kernel.Of(l.plain[at*m.out:], x.Rows, m.out)
		w.Mul(plain, *x, kernel.Epilogue{})
		l.low(&plain, &z, true)
		if onto == nil {
			onto = &none
		}
		l.scaled(*y, *onto, plain, e.Bias)
	} else {
		for _, c := range l.cuts {
			l.cut(c, w, y, x, &z, &e)
		}
	}
	l.low(y, &z, false)
	l.biases(y)
	r.mix(l, m, y, x, at)
}

// biases adds those of the factors B.
func (l *lane) biases(y *kernel.Matrix) {
	for i := range l.branches {
		b := &l.branches[i]
		if b.Bias == nil {
			continue
		}
		to := y.ColRange(b.module.at, b.module.at+b.module.Out)
		for t := range to.Rows {
			kernel.AddScaled(to.Row(t), b.Scale, b.Bias)
		}
	}
}

// cut runs a stretch of outputs, with the branch that ends in it.
func (l *lane) cut(c cut, w *kernel.Panels, y, x, z *kernel.Matrix, whole *kernel.Epilogue) {
	var e kernel.Epilogue
	e.Add = whole.Add
	if whole.Onto.Data != nil {
		e.Onto.SetCols(&whole.Onto, c.lo, c.hi)
	}
	if whole.Bias != nil {
		e.Bias = whole.Bias[c.lo:c.hi]
	}
	if c.branch >= 0 {
		b := &l.branches[c.branch]
		e.Low = &b.up
		e.LowIn.SetCols(z, b.at, b.at+b.Rank)
	}
	var to kernel.Matrix
	to.SetCols(y, c.lo, c.hi)
	w.MulCols(&to, x, c.lo, c.hi, &e)
}

// low adds z·Bᵀ of the branches that no cut has: those that have magnitudes, or the others.
func (l *lane) low(y, z *kernel.Matrix, magnitudes bool) {
	for i := range l.branches {
		b := &l.branches[i]
		if !b.within && (b.dora != nil) == magnitudes {
			b.up.Mul(y.ColRange(b.module.at, b.module.at+b.module.Out), z.ColRange(b.at, b.at+b.Rank), kernel.Epilogue{Add: true})
		}
	}
}

// scaledA is the branch's share of the lane's stack: Scale·A and, below it, the key.
func (b *attached) scaledA(l *lane, m *linear) kernel.Matrix {
	return kernel.Of(l.a[b.at*m.in:], b.columns(), m.in)
}

// drop applies the masks of a branch to its input, and gives what is left.
func (b *attached) drop(x kernel.Matrix, at int) kernel.Matrix {
	if b.Dropout == 0 {
		return x
	}
	for i := range x.Rows {
		keep, to := b.keep[(at+i)*x.Cols:], b.dropped[(at+i)*x.Cols:]
		for j, v := range x.Row(i) {
			to[j] = v * keep[j]
		}
	}
	return b.input(x, at, true)
}

// input is what the branch saw of x.
func (b *attached) input(x kernel.Matrix, at int, dropping bool) kernel.Matrix {
	if !dropping || b.Dropout == 0 {
		return x
	}
	return kernel.Of(b.dropped[at*x.Cols:], x.Rows, x.Cols)
}

// factorB is B.
func (b *attached) factorB() kernel.Matrix { return kernel.Of(b.B, b.module.Out, b.Rank) }

// stack lays out the factors, which may have changed since the last pass.
func (r *Runner) stack() {
	for id := range r.lanes {
		l, in := &r.lanes[id], r.model.linears[id].in
		if l.rank == 0 {
			continue
		}
		for i := range l.branches {
			b := &l.branches[i]
			kernel.ScaleTo(l.a[b.at*in:(b.at+b.Rank)*in], b.Scale, b.A)
			copy(l.a[(b.at+b.Rank)*in:], b.Key)
			b.up.PackNT(b.factorB())
			if b.dora != nil {
				b.dora.measure(r.model, b, l.factor[b.module.at:])
			}
		}
		l.in.PackNT(kernel.Of(l.a, l.rank, in))
		l.laid = false
	}
}

// drops says whether the pass hides some of what a linear's branches get to see.
func (r *Runner) drops(m *linear) bool { return r.dropping && r.lanes[m.id].dropping }

// mask draws the dropout masks of a block's branches: module by module, row by row, one
// draw a number, vectors of distances last. They are kept for the way back.
func (r *Runner) mask(m *linear, b *Batch, rows int) {
	if !r.drops(m) {
		return
	}
	l := &r.lanes[m.id]
	if m.also > 0 {
		rows += r.distances.hi - r.distances.lo
	}
	for i := range l.branches {
		x := &l.branches[i]
		if x.Dropout == 0 {
			continue
		}
		stay := float32(1 / (1 - x.Dropout))
		keep := x.keep[:rows*m.in]
		for j := range keep {
			keep[j] = 0
			if b.Dropout.Float64() >= x.Dropout {
				keep[j] = stay
			}
		}
	}
}
