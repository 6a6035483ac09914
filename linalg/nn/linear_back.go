package nn

import "github.com/loramesh/loramesh/linalg/kernel"

// wants says whether the way back through a linear needs the input it had.
func (r *Runner) wants(m *linear) bool {
	return r.lanes[m.id].trained || len(r.lanes[m.id].routers) > 0 || r.base.trains(m.id)
}

// throughBack takes dy, the gradient of a linear's output for rows at… of the pass, to
// the gradients of its trained parts and, if dx is not nil, of its input, to which onto is
// added if it is not. x is needed where [Runner.wants] says so.
func (r *Runner) throughBack(m *linear, dx, dy, x, onto *kernel.Matrix, at int) {
	r.throughBackTo(m, dx, dy, x, onto, &kernel.Epilogue{}, at)
}

// throughBackTo is throughBack, and the gradient of the input goes on as e says: through an
// activation whose slope is known. If e says anything, [Runner.goesThrough] must hold.
func (r *Runner) throughBackTo(m *linear, dx, dy, x, onto *kernel.Matrix, e *kernel.Epilogue, at int) {
	l := &r.lanes[m.id]
	if g := r.base.vector(m.bias); g != nil {
		kernel.AddColumns(g, *dy)
	}
	whole := dy
	if l.plain != nil { // magnitudes scale dy on its way
		own := kernel.Of(l.dy, dy.Rows, m.out)
		for i := range dy.Rows {
			copy(own.Row(i), dy.Row(i))
		}
		dy = &own
	}
	var dz kernel.Matrix
	dz.SetOf(r.back.dz, dy.Rows, l.rank)
	for pass := range 2 { // magnitudes last, since others want dy as it came
		for i := range l.branches {
			if b := &l.branches[i]; (b.dora != nil) == (pass == 1) {
				r.branchBack(b, l, &dz, dy, at, dx != nil)
			}
		}
	}
	if r.base.trains(m.id) {
		r.base.weight(m, *dy, *x)
	}
	dropping := r.drops(m)
	if dx != nil {
		onwards(e, dx, onto)
		if len(l.branches) > 0 && !dropping {
			if !l.laid {
				l.down.PackNN(kernel.Of(l.a, l.rank, m.in))
				l.laid = true
			}
			e.Low = &l.down
			e.LowIn.SetOf(r.back.dz, dy.Rows, l.rank)
		}
		w := r.model.maps[m.id].backward()
		w.MulCols(dx, dy, 0, w.N, e)
		if dropping {
			for i := range l.branches {
				b := &l.branches[i]
				b.backThroughMask(*dx, dz.ColRange(b.at, b.at+b.columns()), b.scaledA(l, m), r.back.wide, at)
			}
		}
	}
	if l.trained {
		l.factors(m, &dz, x, at, dropping)
	}
	if len(l.routers) > 0 {
		if dx == nil {
			dx = &none
		}
		r.mixBack(l, m, *dx, *whole, *x, at)
	}
}

// onwards begins a product at what is to be added to it, which may be its own place.
func onwards(e *kernel.Epilogue, c, onto *kernel.Matrix) {
	if onto == nil {
		return
	}
	if &onto.Data[0] == &c.Data[0] {
		e.Add = true
	} else {
		e.Onto.SetCols(onto, 0, onto.Cols)
	}
}

// thin is the rank below which a flock's share in the gradient of B is summed before it is
// added to what the flocks before it left.
const thin = 16

// branchBack gives dB, and dz = dy·B.
func (r *Runner) branchBack(b *attached, l *lane, dz, dy *kernel.Matrix, at int, down bool) {
	var g, z, own, to kernel.Matrix
	g.SetCols(dy, b.module.at, b.module.at+b.module.Out)
	if b.GradBias != nil {
		for t := range g.Rows {
			kernel.AddScaled(b.GradBias, b.Scale, g.Row(t))
		}
	}
	if b.dora != nil {
		l.doraBack(b, g, at)
	}
	rank, out := b.Rank, b.module.Out
	if b.GradB != nil {
		to.SetOf(l.z[at*l.rank:], dy.Rows, l.rank)
		z.SetCols(&to, b.at, b.at+rank)
		if rank >= thin {
			own.SetOf(b.GradB, out, rank)
			kernel.TN(&own, &g, &z, true)
		} else {
			own.SetOf(l.tmp, out, rank)
			kernel.TN(&own, &g, &z, false)
			kernel.Add(b.GradB, own.Data)
		}
	}
	if b.GradA == nil && b.GradKey == nil && !down {
		return
	}
	to.SetCols(dz, b.at, b.at+rank)
	own.SetOf(b.B, out, rank)
	kernel.NN(&to, &g, &own, false)
	if b.Key != nil {
		l.gateBack(b, *dz, at)
	}
}

// factors takes dz to the gradients of the factors A.
func (l *lane) factors(m *linear, dz, x *kernel.Matrix, at int, dropping bool) {
	var all kernel.Matrix
	all.SetOf(l.tmp, l.rank, m.in)
	if !dropping {
		kernel.TN(&all, dz, x, false)
	}
	for i := range l.branches {
		b := &l.branches[i]
		if b.GradA == nil && b.GradKey == nil {
			continue
		}
		own := all.RowRange(b.at, b.at+b.columns())
		if dropping {
			kernel.TN(&own, ref(dz.ColRange(b.at, b.at+b.columns())), ref(b.input(*x, at, true)), false)
		}
		if b.GradA != nil {
			kernel.AddScaled(b.GradA, b.Scale, own.Data[:b.Rank*m.in])
		}
		if b.GradKey != nil {
			kernel.Add(b.GradKey, own.Data[b.Rank*m.in:])
		}
	}
}

// backThroughMask adds dz·A, as far as the input was kept, to dx.
func (b *attached) backThroughMask(dx, dz, a kernel.Matrix, scratch []float32, at int) {
	if b.Dropout == 0 {
		kernel.NN(&dx, &dz, &a, true)
		return
	}
	wide := kernel.Of(scratch, dx.Rows, dx.Cols)
	kernel.NN(&wide, &dz, &a, false)
	for i := range dx.Rows {
		keep, to := b.keep[(at+i)*dx.Cols:], dx.Row(i)
		for j, g := range wide.Row(i) {
			to[j] += float32(g * keep[j])
		}
	}
}
